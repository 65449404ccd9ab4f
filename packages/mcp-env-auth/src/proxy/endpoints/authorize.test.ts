import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { formOf, locationOf, McpClient, postForm, REDIRECT_URI, register, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { lastClientHash } from "../testing/proxy-server.ts";

const fixture = useProxy();

async function request(url: URL, accept = "*/*"): Promise<Response> {
  return fetch(url, { redirect: "manual", headers: { accept } });
}

/** The error that a request is redirected back with. */
async function errorOf(url: URL): Promise<Record<string, string>> {
  const location = locationOf(await request(url));
  expect(`${location.origin}${location.pathname}`).toBe(REDIRECT_URI);
  return Object.fromEntries(location.searchParams);
}

describe("a good authorization request", () => {
  it("is answered with the consent page, by GET and by POST, with and without cookies, as often as it comes", async () => {
    const client = await McpClient.register(fixture.server);
    const url = client.authorizeUrl();
    for (const response of [
      await request(url),
      await request(url),
      await new TestBrowser().get(url),
      await new TestBrowser().post(
        new URL("/authorize", fixture.server.address),
        Object.fromEntries(client.authorizeUrl().searchParams),
      ),
    ]) {
      expect(response.status).toBe(200);
      expect(formOf(await response.text())).toBeTruthy();
    }
  });

  it("may leave out resource, scope, and the redirect URI when only one is registered", async () => {
    const client = await McpClient.register(fixture.server);
    const tokens = await client.authorize(new TestBrowser(), "alice", {
      resource: undefined,
      scope: undefined,
      redirect_uri: undefined,
    });
    const answer = await client.redeem(tokens.searchParams.get("code") ?? "", { redirect_uri: undefined });
    expect(answer.body.scope).toBe("weather:read");
  });

  it("takes the scopes of the registration when it names none", async () => {
    const client = await McpClient.register(fixture.server, { scope: "weather:write" });
    expect((await client.logIn()).scope).toBe("weather:write weather:read");
    expect((await client.logIn("alice", { scope: "weather:read weather:write" })).scope).toBe(
      "weather:read weather:write",
    );
  });
});

describe("Security rule 16: a client gets what every token needs, and nothing else that it did not ask for", () => {
  it.each([
    ["openid", "openid weather:read"],
    ["weather:write", "weather:write weather:read"],
    ["weather:read", "weather:read"],
  ])("a login for %s asks the user and the provider for %s", async (scope, all) => {
    fixture.server.restart({ scopesAtLogin: ["weather:write"] });
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn("alice", { scope });
    expect(tokens.scope).toBe(all);
    expect((await fixture.server.proxy.verifier.verify(tokens.access_token)).scopes).toEqual(all.split(" "));
    const asked = fixture.auth0.requests.find(({ path }) => path === "/authorize");
    expect(asked?.params.scope).toBe(`${all} offline_access`);
  });

  it.each([
    ["weather:read profile email admin", "weather:read"],
    ["openid profile offline_access", "openid offline_access weather:read"],
    ["claudeai", "weather:read"],
  ])("a login for %s leaves out what this server does not have, and gets %s", async (scope, got) => {
    fixture.server.restart({ scopesAtLogin: ["weather:write"] });
    const client = await McpClient.register(fixture.server);
    const tokens = await client.logIn("alice", { scope });
    expect(tokens.scope).toBe(got);
    const refreshed = await client.refresh(tokens.refresh_token, { scope });
    expect([refreshed.status, refreshed.body.scope]).toEqual([200, got]);
  });

  it("the log says what was left out, in characters that it can show", async () => {
    const client = await McpClient.register(fixture.server);
    await new TestBrowser().get(client.authorizeUrl({ scope: "admin \u202eroot" }));
    const line = fixture.server.log.find(({ fields }) => fields.event === "scopes-dropped");
    expect(line?.message).toMatch(/left out: admin {2}root$/);
  });

  it.each([
    ["nothing", {}],
    ["an empty list", { scope: " " }],
    ["only scopes that this server does not have, of which its answer lists none", { scope: "read claudeai" }],
  ])(
    "one that registered %s and asks for nothing asks for the default, which its user sees",
    async (_what, metadata) => {
      fixture.server.restart({ scopesAtLogin: ["weather:write"] });
      const registered = await register(fixture.server, { redirect_uris: [REDIRECT_URI], ...metadata });
      expect([registered.status, registered.body]).toEqual([
        201,
        expect.not.objectContaining({ scope: expect.anything() }),
      ]);
      const client = await McpClient.register(fixture.server, metadata);
      const page = await (await new TestBrowser().get(client.authorizeUrl())).text();
      expect([...page.matchAll(/<code dir="ltr">(weather:[^<]*)<\/code>/g)].map(([, scope]) => scope)).toEqual([
        "weather:read",
        "weather:write",
      ]);
      expect((await client.logIn()).scope).toBe("weather:read weather:write");
    },
  );

  it("a default that the client registered is a list that it sent", async () => {
    fixture.server.restart({ scopesAtLogin: ["weather:write"] });
    const client = await McpClient.register(fixture.server, { scope: "openid" });
    expect((await client.logIn()).scope).toBe("openid weather:read");
  });
});

describe("Security rule 4: a bad client or redirect URI is never answered with a redirect", () => {
  it("tells a program how to register again", async () => {
    const { server } = fixture;
    const client = new McpClient(server);
    client.id = "unknown";
    const response = await request(client.authorizeUrl());
    expect(response.status).toBe(400);
    expect(response.headers.get("link")).toContain(`<${server.address}/register>`);
    expect(await response.json()).toEqual({
      error: "invalid_request",
      error_description: expect.stringContaining("registers again"),
      state: "the state",
      registration_endpoint: `${server.address}/register`,
      authorization_server_metadata: `${server.address}/.well-known/oauth-authorization-server`,
    });
  });

  it("shows people a page", async () => {
    const client = new McpClient(fixture.server);
    client.id = "<script>alert(1)</script>";
    const response = await request(client.authorizeUrl(), "text/html");
    expect([response.status, response.headers.get("content-type")]).toEqual([400, "text/html; charset=utf-8"]);
    expect(await response.text()).not.toContain("<script>alert");
  });

  it.each([
    ["no client id", { client_id: undefined }],
    ["an empty client id", { client_id: "" }],
    ["a client id that is a URL", { client_id: "https://client.example.com/metadata" }],
    ["a client id that is too long", { client_id: "x".repeat(3000) }],
    ["another path", { redirect_uri: "http://127.0.0.1:33418/other" }],
    ["another host", { redirect_uri: "http://localhost:33418/callback" }],
    ["another site", { redirect_uri: "https://evil.example/callback" }],
    ["a script", { redirect_uri: "javascript:alert(1)" }],
    ["a header in the redirect URI", { redirect_uri: `${REDIRECT_URI}\r\nX-Evil: 1` }],
  ])("%s", async (_what, overrides) => {
    const client = await McpClient.register(fixture.server);
    const response = await request(client.authorizeUrl(overrides));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(response.headers.get("x-evil")).toBeNull();
  });

  it.each(["client_id", "redirect_uri"])("a repeated %s", async (name) => {
    const client = await McpClient.register(fixture.server);
    const url = client.authorizeUrl();
    url.searchParams.append(name, url.searchParams.get(name) ?? "");
    const response = await request(url);
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    expect(await response.text()).toContain("more than once");
  });

  it("no redirect URI, when several are registered", async () => {
    const client = await McpClient.register(fixture.server, {
      redirect_uris: [REDIRECT_URI, "https://client.example.com/cb"],
    });
    expect((await request(client.authorizeUrl({ redirect_uri: undefined }))).status).toBe(400);
  });

  it("a redirect URI that the operator has stopped allowing since the registration", async () => {
    const client = await McpClient.register(fixture.server);
    fixture.server.restart({ allowedClientRedirectUris: ["https://claude.ai/*"] });
    const response = await request(client.authorizeUrl());
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("ALLOWED_CLIENT_REDIRECT_URIS");
  });

  it("a client that the operator has blocked", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    await server.options.store.set("deny-client", lastClientHash(server), "1", 60);
    expect((await request(client.authorizeUrl())).status).toBe(400);
  });

  it("takes any port of a registered loopback redirect URI", async () => {
    const client = await McpClient.register(fixture.server);
    expect((await request(client.authorizeUrl({ redirect_uri: "http://127.0.0.1:1/callback" }))).status).toBe(200);
  });
});

describe("Security rule 4: before the user's consent no browser is sent to the internet (RFC 9700 section 4.11.2)", () => {
  it.each([
    ["https://client.example.com/cb?a=b", "<strong>client.example.com</strong>"],
    ["cursor://anysphere.cursor-mcp/oauth/callback", '<code dir="ltr">cursor:</code>'],
    ["https://client.example.com/cb?quote='", "<strong>client.example.com</strong>"],
  ])("an error for %s is a page with a link to it", async (redirectUri, destination) => {
    const client = await McpClient.register(fixture.server, { redirect_uris: [redirectUri] });
    const state = `"><script>alert(1)</script>&'`;
    for (const overrides of [{ scope: "s".repeat(1100) }, { code_challenge: undefined }, { response_type: "token" }]) {
      const response = await new TestBrowser().get(client.authorizeUrl({ state, ...overrides }));
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
      const page = await response.text();
      expect(page).toContain(destination);
      expect(page).not.toContain("<script>");
      const link = /<a class="button" href="([^"]+)" rel="noreferrer">Return to the application</.exec(page)?.[1] ?? "";
      const address = link.replaceAll("&amp;", "&").replaceAll("&#39;", "'");
      expect(address.startsWith(redirectUri)).toBe(true);
      expect(Object.fromEntries(new URL(address).searchParams)).toMatchObject({
        error: expect.stringMatching(/^(?:invalid_scope|invalid_request|unsupported_response_type)$/),
        error_description: expect.any(String),
        state,
        iss: fixture.server.options.issuer,
      });
    }
  });

  it.each([REDIRECT_URI, "http://localhost:1/callback", "http://[::1]:1/cb"])(
    "an error for %s, on this computer, goes there by itself",
    async (redirectUri) => {
      const client = await McpClient.register(fixture.server, { redirect_uris: [redirectUri] });
      const response = await new TestBrowser().get(client.authorizeUrl({ response_type: "token" }));
      expect(locationOf(response).href.startsWith(redirectUri)).toBe(true);
    },
  );

  it("a program gets the redirect, since it takes no user along", async () => {
    const redirectUri = "https://client.example.com/cb";
    const client = await McpClient.register(fixture.server, { redirect_uris: [redirectUri] });
    const response = await request(client.authorizeUrl({ response_type: "token" }), "application/json");
    expect(locationOf(response).href.startsWith(redirectUri)).toBe(true);
    expect(response.headers.get("vary")).toContain("Accept");
  });

  it("once the user has denied it, the answer goes there by itself", async () => {
    const client = await McpClient.register(fixture.server, { redirect_uris: ["https://client.example.com/cb"] });
    const browser = new TestBrowser();
    const denied = await client.answer(browser, await client.openConsent(browser), "deny");
    expect(locationOf(denied).searchParams.get("error")).toBe("access_denied");
  });
});

describe("Security rule 5: PKCE S256 or nothing, state as it came, iss on every redirect, no parameter twice", () => {
  it.each([
    ["no code_challenge", { code_challenge: undefined }],
    ["no method, which stands for plain", { code_challenge_method: undefined }],
    ["plain", { code_challenge_method: "plain" }],
    ["s256 in lower case", { code_challenge_method: "s256" }],
    ["a challenge that is too short", { code_challenge: "x".repeat(42) }],
    ["a challenge that is too long", { code_challenge: "x".repeat(44) }],
    ["a challenge with other characters", { code_challenge: `${"x".repeat(42)}=` }],
  ])("refuses %s", async (_what, overrides) => {
    const client = await McpClient.register(fixture.server);
    expect(await errorOf(client.authorizeUrl(overrides))).toMatchObject({
      error: "invalid_request",
      state: "the state",
      iss: fixture.server.options.issuer,
    });
  });

  it.each(["a b+c%20&d=e#f?g/h\\i\"j'k<l>", "\u00e4\u{1f600}", "%0d%0aSet-Cookie: a=b", "x\r\ny", "=".repeat(100)])(
    "echoes the state %j as it came, once, on errors and on success",
    async (state) => {
      const client = await McpClient.register(fixture.server);
      const failed = locationOf(await request(client.authorizeUrl({ state, response_type: "token" })));
      expect(failed.searchParams.getAll("state")).toEqual([state]);
      expect(failed.searchParams.getAll("iss")).toEqual([fixture.server.options.issuer]);
      const succeeded = await client.authorize(new TestBrowser(), "alice", { state });
      expect(succeeded.searchParams.getAll("state")).toEqual([state]);
      expect(succeeded.searchParams.getAll("iss")).toEqual([fixture.server.options.issuer]);
    },
  );

  it("encodes spaces in errors as %20, since not every client reads + as one", async () => {
    const client = await McpClient.register(fixture.server);
    const response = await request(client.authorizeUrl({ state: "a+b c", response_type: "token" }));
    const location = response.headers.get("location") ?? "";
    expect(location).not.toContain("+");
    expect(location).toContain("error_description=Only%20response_type%3Dcode%20is%20supported.");
    expect(new URL(location).searchParams.get("state")).toBe("a+b c");
  });

  it("sends no state where none came", async () => {
    const client = await McpClient.register(fixture.server);
    const redirect = await client.authorize(new TestBrowser(), "alice", { state: undefined });
    expect(redirect.searchParams.has("state")).toBe(false);
  });

  it.each(["response_type", "scope", "code_challenge", "state"])("refuses a repeated %s", async (name) => {
    const client = await McpClient.register(fixture.server);
    const url = client.authorizeUrl({ scope: "weather:read" });
    url.searchParams.append(name, url.searchParams.get(name) ?? "");
    const error = await errorOf(url);
    expect(error).toMatchObject({ error: "invalid_request", iss: fixture.server.options.issuer });
    expect(error.error_description).toContain(name);
    expect(error.state).toBe(name === "state" ? undefined : "the state");
  });

  it("keeps the query of the redirect URI", async () => {
    const client = await McpClient.register(fixture.server, {
      redirect_uris: ["https://client.example.com/cb?a=b%20c"],
    });
    const redirect = await client.authorize();
    expect(redirect.href).toMatch(/^https:\/\/client\.example\.com\/cb\?a=b%20c&code=/);
  });
});

describe("what else is refused goes to the redirect URI", () => {
  it.each([
    ["invalid_request", { response_type: undefined }],
    ["unsupported_response_type", { response_type: "token" }],
    ["unsupported_response_type", { response_type: "code id_token" }],
    ["invalid_request", { response_mode: "fragment" }],
    ["invalid_request", { state: "s".repeat(2049) }],
    ["invalid_scope", { scope: "s".repeat(1100) }],
  ])("%s for %j", async (error, overrides) => {
    const client = await McpClient.register(fixture.server);
    expect(await errorOf(client.authorizeUrl(overrides))).toMatchObject({ error, iss: fixture.server.options.issuer });
  });

  it.each(["openid email profile", "claudeai", "claudeai offline_access"])(
    "not for %j where the server has no scopes: a client was told of none",
    async (scope) => {
      fixture.server.restart({ scopesSupported: [], requiredScopes: [] });
      const client = await McpClient.register(fixture.server);
      const tokens = await client.logIn("alice", { scope });
      expect(tokens.scope).toBe(scope.includes("offline_access") ? "offline_access" : undefined);
    },
  );

  it("says so when the whole request is too long for cookies", async () => {
    const uri = `https://client.example.com/${"a".repeat(480)}`;
    const client = await McpClient.register(fixture.server, { redirect_uris: [uri] });
    const scopes = Array.from({ length: 100 }, () => randomBytes(45).toString("base64url"));
    fixture.server.restart({ scopesSupported: scopes });
    const overrides = { state: randomBytes(1536).toString("base64url"), scope: scopes.join(" ") };
    const { searchParams } = client.authorizeUrl(overrides);
    const answer = await fetch(new URL("/authorize", fixture.server.address), {
      method: "POST",
      body: searchParams,
      redirect: "manual",
    });
    expect(locationOf(answer).searchParams.get("error_description")).toContain("too long");
  });
});

describe("Security rule 7: tokens are for one resource (CVE-2025-69196)", () => {
  it.each(["https://evil.example/mcp", "http://127.0.0.1/mcp#x", "", "other"])(
    "refuses the resource %j of another server as invalid_target",
    async (suffix) => {
      const client = await McpClient.register(fixture.server);
      const resource = suffix === "" ? `${fixture.server.options.resource}/x` : suffix;
      expect(await errorOf(client.authorizeUrl({ resource }))).toMatchObject({ error: "invalid_target" });
    },
  );

  // The verifier compares a token's resource exactly.
  it("issues tokens for the resource as it is, however a client spells it", async () => {
    const { resource } = fixture.server.options;
    const client = await McpClient.register(fixture.server);
    for (const spelled of [`${resource}/`, resource.replace("http:", "HTTP:")]) {
      const redirect = await client.authorize(new TestBrowser(), "alice", { resource: spelled });
      const code = redirect.searchParams.get("code") ?? "";
      const { body } = await client.redeem(code, { resource: spelled });
      const refreshed = await client.refresh(body.refresh_token ?? "", { resource: spelled });
      for (const token of [body.access_token, refreshed.body.access_token]) {
        expect(await fixture.server.proxy.verifier.verify(token ?? "")).toMatchObject({ subject: "auth0|alice" });
      }
    }
  });

  it("takes a resource that is repeated, in one spelling or two", async () => {
    const { resource } = fixture.server.options;
    const client = await McpClient.register(fixture.server);
    for (const again of [resource, `${resource}/`]) {
      const url = client.authorizeUrl();
      url.searchParams.append("resource", again);
      expect((await request(url)).status).toBe(200);
      const code = (await client.authorize()).searchParams.get("code") ?? "";
      const { status, body } = await postForm(new URL("/token", fixture.server.address), [
        ["grant_type", "authorization_code"],
        ["code", code],
        ["client_id", client.id],
        ["redirect_uri", client.redirectUri],
        ["code_verifier", client.pkce.verifier],
        ["resource", again],
        ["resource", resource],
      ]);
      expect([status, body.token_type]).toEqual([200, "Bearer"]);
    }
  });

  it("refuses another resource at the token endpoint too", async () => {
    const client = await McpClient.register(fixture.server);
    const redirect = await client.authorize();
    const code = redirect.searchParams.get("code") ?? "";
    const wrong = await client.redeem(code, { resource: "https://evil.example/mcp" });
    expect([wrong.status, wrong.body.error]).toEqual([400, "invalid_target"]);
    const { body, status } = await client.redeem(code);
    expect(status).toBe(200);
    const refreshed = await client.refresh(body.refresh_token ?? "", { resource: "https://evil.example/mcp" });
    expect(refreshed.body.error).toBe("invalid_target");
  });
});

describe("Security rule 9: limits", () => {
  it("refuses a repeated parameter at the token endpoint", async () => {
    const client = await McpClient.register(fixture.server);
    const { status, body } = await postForm(new URL("/token", fixture.server.address), [
      ["grant_type", "refresh_token"],
      ["client_id", client.id],
      ["refresh_token", "a"],
      ["refresh_token", "b"],
    ]);
    expect([status, body.error]).toEqual([400, "invalid_request"]);
  });
});
