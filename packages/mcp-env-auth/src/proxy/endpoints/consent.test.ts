import { describe, expect, it } from "vitest";
import { formOf, locationOf, logInAtProvider, McpClient, REDIRECT_URI, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();

async function pageOf(client: McpClient, overrides: Record<string, string> = {}): Promise<string> {
  return (await new TestBrowser().get(client.authorizeUrl(overrides))).text();
}

describe("Security rule 1: consent before every login (GHSA-c2jp-c369-7pvx)", () => {
  it("is asked again in a browser that has approved this very client, and is logged in at the provider", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    await client.authorize(browser);
    const again = await browser.get(client.authorizeUrl());
    expect([again.status, again.headers.get("location")]).toEqual([200, null]);
    const attacker = await McpClient.register(fixture.server, { redirect_uris: ["https://evil.example/cb"] });
    expect((await browser.get(attacker.authorizeUrl({ prompt: "none" }))).status).toBe(200);
    expect(fixture.auth0.requests.filter(({ path }) => path === "/authorize")).toHaveLength(1);
  });

  it("names the client as what it calls itself, where it will be sent, the scopes, the server and the provider", async () => {
    const client = await McpClient.register(fixture.server, {
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
    });
    const page = await pageOf(client, { scope: "weather:read weather:write" });
    expect(page).toContain('<span class="name"><bdi>Claude</bdi></span> wants to access');
    expect(page).toContain('sent back to <bdi class="host" dir="ltr"><b>claude.ai</b></bdi>. Nobody has verified');
    expect(page).toContain("https://claude.ai/api/mcp/auth_callback");
    expect(page).toContain('<code dir="ltr">weather:read</code>');
    expect(page).toContain('<code dir="ltr">weather:write</code>');
    expect(page).toContain("Weather");
    expect(page).toContain(`127.0.0.1:${fixture.auth0.port}`);
    expect(page).not.toContain("Continue only if");
  });

  it("Security rule 16: shows what every login includes, although the client did not ask for it", async () => {
    const page = await pageOf(await McpClient.register(fixture.server), { scope: "weather:write" });
    expect(page).toMatch(/<input type="checkbox" [^>]*checked><label [^>]*><code dir="ltr">weather:write<\/code>/);
    expect(page).toMatch(/<span class="fixed"><code dir="ltr">weather:read<\/code><small[^>]*>always needed/);
  });

  it("warns when the redirect stays on this computer, or opens an app", async () => {
    const local = await McpClient.register(fixture.server);
    expect(await pageOf(local)).toContain("a program on this computer (port <b>33418</b>)");
    const app = await McpClient.register(fixture.server, { redirect_uris: ["cursor://anysphere/callback"] });
    expect(await pageOf(app)).toContain("an app that opens <code>cursor:</code> links");
  });

  it("escapes everything that comes from the client", async () => {
    const name = `</title><script>alert("1")</script><img src=x onerror='alert(1)'>&`;
    const client = await McpClient.register(fixture.server, {
      client_name: name,
      redirect_uris: ["https://client.example.com/cb?a='onload=alert(1)"],
    });
    const page = await pageOf(client, { state: `"><script>alert(2)</script>` });
    expect(page).not.toMatch(/<script|<img|onerror='|'onload/);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page).toContain("a=&#39;onload=alert(1)");
  });
});

describe("Security rule 1: the consent page says who asks", () => {
  const host = (name: string) => `<bdi class="host" dir="ltr"><b>${name}</b></bdi>`;
  const asDocument = async (redirectUri: string) => {
    const id = "https://client.example.com/mcp.json";
    const document = {
      client_id: id,
      client_name: "Claude",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "none",
    };
    fixture.server.restart({ fetchClientDocument: async () => ({ json: document, cacheControl: undefined, age: 0 }) });
    const client = new McpClient(fixture.server, redirectUri);
    client.id = id;
    return pageOf(client);
  };

  it("and calls a domain verified that serves the client's document, never the client's name", async () => {
    const page = await asDocument("https://app.example.com/cb");
    expect(page).toContain(
      '<bdi class="host" dir="ltr">client.<b>example.com</b></bdi> (verified) calls itself <span class="name"><bdi>Claude</bdi></span>.',
    );
  });

  it.each(["http://127.0.0.1:3118/cb", "http://localhost/cb", "cursor://anysphere/cb"])(
    "and calls nothing verified where the answer goes to %s, whatever the document's host",
    async (redirectUri) => {
      const page = await asDocument(redirectUri);
      expect(page).not.toContain("(verified)");
      expect(page).toContain("Continue only if you started this");
      expect(page.match(/class="warning"/g)).toHaveLength(1);
    },
  );

  it("and shows of a name nothing that could be ours, while the registration keeps it", async () => {
    const client = await McpClient.register(fixture.server, {
      client_name: "Claude (verified ✓) “by Weather”",
      redirect_uris: ["https://client.example.com/cb"],
    });
    const page = await pageOf(client);
    expect(page).toContain('<span class="name"><bdi>Claude by Weather</bdi></span>');
    expect(page).not.toContain("(verified)");
    expect(page).toContain(`sent back to ${host("x").replace("<b>x</b>", "client.<b>example.com</b>")}`);
  });

  it("and has one warning box, also when it asks again, with an address that asks in another browser", async () => {
    const client = await McpClient.register(fixture.server);
    const form = await client.openConsent(new TestBrowser());
    const page = await (await client.answer(new TestBrowser(), form)).text();
    expect(page.match(/class="warning"/g)).toHaveLength(1);
    expect(page).toContain('role="alert" tabindex="-1" autofocus');
    const [, address = ""] = /<a href="([^"]+)">this address/.exec(page) ?? [];
    const other = new TestBrowser();
    const again = await other.get(address.replaceAll("&amp;", "&"));
    expect(again.status).toBe(200);
    const redirect = await client.answer(other, formOf(await again.text()));
    expect(locationOf(redirect).port).toBe(String(fixture.auth0.port));
  });
});

describe("the server on the consent page", () => {
  it("has a name, an icon, an operator with links, and sentences for its scopes", async () => {
    const icon = "data:image/png;base64,iVBORw0KGgo=";
    fixture.server.restart({
      serverName: "Weather <Station>",
      site: {
        icon,
        operator: "Acme & Co",
        links: { help: new URL("https://acme.example/help"), privacy: new URL("https://acme.example/privacy") },
        scopeDescriptions: { "weather:write": "Change <the> weather" },
      },
    });
    const page = await pageOf(await McpClient.register(fixture.server), { scope: "openid weather:write" });
    expect(page).toContain("wants to access <strong><bdi>Weather &lt;Station&gt;</bdi></strong>");
    expect(page).toContain(`<img src="${icon}" alt=""`);
    expect(page).toContain("Operated by <bdi>Acme &amp; Co</bdi>");
    expect(page).toContain('<a href="https://acme.example/privacy" rel="noreferrer">Privacy</a>');
    expect(page).not.toContain("Terms");
    expect(page).toContain('<bdi>Change &lt;the&gt; weather</bdi> <small><code dir="ltr">weather:write</code></small>');
    expect(page).toContain("can change data");
    expect(page).toContain("<bdi>Know who you are</bdi>");
  });

  it("says how long access lasts and where the user signs in", async () => {
    fixture.server.restart({ sessionTtl: 7 * 86_400 });
    const page = await pageOf(await McpClient.register(fixture.server));
    expect(page).toContain("Access ends 7 days after you sign in");
    expect(page).toContain(`sign in at <bdi dir="ltr"><strong>127.0.0.1:${fixture.auth0.port}`);
  });
});

describe("Security rule 2: the consent form is bound to the browser", () => {
  it("by a cookie that is HttpOnly, SameSite=Lax and for the whole host", async () => {
    const client = await McpClient.register(fixture.server);
    const [cookie] = (await fetch(client.authorizeUrl())).headers.getSetCookie();
    expect(cookie).toMatch(/^mcp-browser-[\w-]{12}=[\w-]{22,}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  });

  it("by a __Host- cookie with Secure on https", async () => {
    const client = await McpClient.register(fixture.server);
    fixture.server.restart({ baseUrl: "https://mcp.example.com" });
    const [cookie] = (await fetch(client.authorizeUrl())).headers.getSetCookie();
    expect(cookie).toMatch(
      /^__Host-mcp-browser-[\w-]{12}=[\w-]{22,}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/,
    );
  });

  it("and answers a wrong or missing cookie with the page again, a fresh cookie, and no approval", async () => {
    const client = await McpClient.register(fixture.server);
    const victim = new TestBrowser();
    const form = await client.openConsent(new TestBrowser());
    for (const browser of [victim, new TestBrowser(), victim]) {
      const before = [...browser.cookies.values()];
      const response = await client.answer(browser, form);
      expect([response.status, response.headers.get("location")]).toEqual([403, null]);
      expect([...browser.cookies.keys()].some((name) => name.includes("login"))).toBe(false);
      expect([...browser.cookies.values()]).not.toEqual(before);
      expect(formOf(await response.text())).not.toBe(form);
    }
    const page = await (await client.answer(victim, form)).text();
    expect(locationOf(await client.answer(victim, formOf(page))).port).toBe(String(fixture.auth0.port));
  });

  it("and denies nothing either with a wrong cookie", async () => {
    const client = await McpClient.register(fixture.server);
    const form = await client.openConsent(new TestBrowser());
    expect((await client.answer(new TestBrowser(), form, "deny")).headers.get("location")).toBeNull();
  });

  it("and stays good in two tabs", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const forms = [await client.openConsent(browser), await client.openConsent(browser)];
    for (const form of forms) {
      expect((await client.answer(browser, form)).status).toBe(303);
    }
  });

  it("and runs no script, loads nothing, is kept nowhere and can't be framed", async () => {
    const client = await McpClient.register(fixture.server);
    const { headers } = await fetch(client.authorizeUrl());
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none'; frame-ancestors 'none'$/,
      ),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    const page = await pageOf(client);
    expect(page).not.toMatch(/<script| style=| on\w+=/);
  });

  it.each([
    ["damaged", (form: string) => `${form.slice(0, -4)}AAAA`],
    ["empty", () => ""],
    ["a client id", (_form: string, client: McpClient) => client.id],
  ])("and a form that is %s is refused", async (_what, change) => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    const response = await client.answer(browser, change(form, client));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  it("and a form is good for an hour; then a button opens the question again", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    fixture.clock.advance(3599);
    expect((await client.answer(browser, form)).status).toBe(303);
    fixture.clock.advance(1);
    const late = await client.answer(browser, form);
    const page = await late.text();
    expect([late.status, page.includes("Page expired")]).toEqual([400, true]);
    const [, again = ""] = /<a class="button primary" href="([^"]+)"/.exec(page) ?? [];
    expect(formOf(await (await browser.get(new URL(again.replaceAll("&amp;", "&")))).text())).toBeTruthy();
  });
});

describe("Security rule 4: the redirect policy is checked again when the user answers", () => {
  it("so that a login under way ends with the permission of its redirect URI", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    const callback = await client.reachCallback(browser);
    fixture.server.restart({ allowedClientRedirectUris: [] });
    for (const response of [await client.answer(browser, form), await browser.get(callback)]) {
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    }
  });
});

describe("Security rule 16: a box on the consent page only narrows", () => {
  const scope = "weather:write weather:read openid";
  const answered = async (fields: Record<string, string>) => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const request = await client.openConsent(browser, { scope });
    const url = new URL("/consent", fixture.server.address);
    return {
      client,
      browser,
      location: locationOf(await browser.post(url, { request, decision: "allow", ...fields })),
    };
  };
  const asked = (location: URL) =>
    location.searchParams
      .get("scope")
      ?.split(" ")
      .filter((name) => name !== "offline_access");

  it.each([
    ["all boxes", { choice: "scopes", "scope-0": "on", "scope-2": "on" }, ["weather:write", "weather:read", "openid"]],
    ["one", { choice: "scopes", "scope-2": "on" }, ["weather:read", "openid"]],
    ["none", { choice: "scopes" }, ["weather:read"]],
    [
      "boxes that there are not",
      { choice: "scopes", "scope-3": "on", "scope-99": "on", scope: "weather:admin" },
      ["weather:read"],
    ],
    ["a page from before boxes", {}, ["weather:write", "weather:read", "openid"]],
    ["what boxes would say, on such a page", { scopes: "weather:admin" }, ["weather:write", "weather:read", "openid"]],
  ])("%s", async (_what, fields, expected) => {
    const { location } = await answered(fields as Record<string, string>);
    expect(asked(location)).toEqual(expected);
  });

  it("and a login that has none left is refused, since no token response can say so", async () => {
    fixture.server.restart({ requiredScopes: [] });
    const { location } = await answered({ choice: "scopes" });
    expect(location.origin).not.toBe(new URL(fixture.auth0.issuer).origin);
    expect(location.searchParams.get("error")).toBe("access_denied");
    expect(location.searchParams.get("error_description")).toContain("none of the scopes");
  });

  it("and the token has what was left, which a refresh can't widen", async () => {
    const { client, browser, location } = await answered({ choice: "scopes" });
    const redirect = locationOf(await browser.get(await logInAtProvider(browser, location, "alice")));
    const { body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect(body.scope).toBe("weather:read");
    const refreshed = await client.refresh(String(body.refresh_token), { scope: "weather:read weather:write" });
    expect(refreshed.body.scope ?? refreshed.body.error).not.toContain("weather:write");
  });

  it("and has none for a required scope", async () => {
    const page = await pageOf(await McpClient.register(fixture.server), { scope });
    expect([...page.matchAll(/type="checkbox" id="(scope-\d)"/g)].map(([, id]) => id)).toEqual(["scope-0", "scope-2"]);
  });
});

describe("Use another account", () => {
  it("has the provider ask who the user is, without the hint of the client", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const request = await client.openConsent(browser, { login_hint: "alice", ui_locales: "de", prompt: "consent" });
    const url = new URL("/consent", fixture.server.address);
    const answer = await browser.post(url, { request, decision: "allow", account: "another" });
    const { searchParams } = locationOf(answer);
    expect(searchParams.get("prompt")?.split(" ").sort()).toEqual(["consent", "login"]);
    expect([searchParams.get("login_hint"), searchParams.get("ui_locales")]).toEqual([null, "de"]);
  });

  it("is not offered where the provider can't be told", async () => {
    const upstream = fixture.server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    const client = await McpClient.register(fixture.server);
    expect(await pageOf(client)).toContain('name="account"');
    fixture.server.restart({
      upstream: () => ({ ...upstream, client: { ...upstream.client, accountPrompt: undefined } }),
    });
    expect(await pageOf(client)).not.toContain('name="account"');
  });
});

describe("the user's answer", () => {
  it("leaves a client that opened the login in a popup in touch with it, all the way", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const page = await browser.get(client.authorizeUrl());
    const approved = await client.answer(browser, formOf(await page.clone().text()));
    const callback = await logInAtProvider(browser, locationOf(approved), "alice");
    for (const response of [page, approved, await browser.get(callback)]) {
      expect(response.headers.get("cross-origin-opener-policy")).toBe("unsafe-none");
    }
  });

  it("Deny goes to the client as access_denied, with state and iss", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const redirect = locationOf(await client.answer(browser, await client.openConsent(browser), "deny"));
    expect(redirect.href.startsWith(`${REDIRECT_URI}?`)).toBe(true);
    expect(Object.fromEntries(redirect.searchParams)).toEqual({
      error: "access_denied",
      error_description: "The user refused access.",
      state: "the state",
      iss: fixture.server.options.issuer,
    });
  });

  it("anything else is refused", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const response = await client.answer(browser, await client.openConsent(browser), "maybe");
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  it("Allow goes to the provider with a state, a challenge and a nonce of its own, and without resource", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser, { scope: "openid weather:read" });
    const urls = [locationOf(await client.answer(browser, form)), locationOf(await client.answer(browser, form))];
    for (const { searchParams } of urls) {
      expect(searchParams.get("redirect_uri")).toBe(`${fixture.server.address}/auth/callback`);
      expect(searchParams.get("scope")).toBe("openid weather:read offline_access");
      expect(searchParams.get("audience")).toBe(fixture.auth0.audience);
      expect(searchParams.has("resource")).toBe(false);
      expect(searchParams.get("code_challenge")).not.toBe(client.pkce.challenge);
    }
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(urls[0]?.searchParams.get(name)).toMatch(/^[\w-]{22,}$/);
      expect(urls[0]?.searchParams.get(name)).not.toBe(urls[1]?.searchParams.get(name));
    }
  });
});
