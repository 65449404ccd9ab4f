import { startDevAuth0 } from "dev-auth0";
import { describe, expect, it } from "vitest";
import { createRootKeys } from "../sealing/root-keys.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { locationOf, logInAtProvider, McpClient, TestBrowser } from "./testing/mcp-client.ts";
import { useProxy } from "./testing/proxy-fixture.ts";
import { connect } from "./testing/proxy-server.ts";

const fixture = useProxy();

describe("a whole login", () => {
  it("ends with tokens that the verifier accepts, with the user's claims and the consented scopes", async () => {
    const { server, clock } = fixture;
    const client = await McpClient.register(server);
    const redirect = await client.authorize();
    expect(redirect.href.startsWith(`${client.redirectUri}?`)).toBe(true);

    const { status, body, headers } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: expect.any(String),
      scope: "weather:read",
    });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");

    const token = await server.proxy.verifier.verify(body.access_token ?? "");
    expect(token).toMatchObject({
      subject: "auth0|alice",
      scopes: ["weather:read"],
      expiresAt: clock.now() + 3600,
      claims: { permissions: ["weather:read", "weather:write"] },
    });
  });

  it("works for two at once in the same browser", async () => {
    const { server } = fixture;
    const [first, second] = [await McpClient.register(server), await McpClient.register(server)];
    const browser = new TestBrowser();
    const forms = [await first.openConsent(browser), await second.openConsent(browser)] as const;
    const callbacks = [
      await logInAtProvider(browser, locationOf(await first.answer(browser, forms[0])), "alice"),
      await logInAtProvider(browser, locationOf(await second.answer(browser, forms[1])), "alice"),
    ] as const;
    for (const [index, client] of [first, second].entries()) {
      const redirect = locationOf(await browser.get(callbacks[index] ?? ""));
      expect((await client.redeem(redirect.searchParams.get("code") ?? "")).status).toBe(200);
    }
  });

  it("gives an access token that is at most 120 characters longer than the provider's inside", async () => {
    const { server, auth0 } = fixture;
    const client = await McpClient.register(server);
    const { access_token } = await client.logIn();
    const inner = await auth0.issueAccessToken({ user: "alice" });
    expect(access_token.length - inner.length).toBeLessThan(120);
  });
});

describe("a restart between any two steps", () => {
  it("changes nothing for clients and users", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    const browser = new TestBrowser();
    server.restart();
    const form = await client.openConsent(browser);
    server.restart();
    const approved = await client.answer(browser, form);
    server.restart();
    const callback = await logInAtProvider(browser, locationOf(approved), "alice");
    server.restart();
    const redirect = locationOf(await browser.get(callback));
    server.restart();
    const { body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    server.restart();
    await expect(server.proxy.verifier.verify(body.access_token ?? "")).resolves.toMatchObject({
      subject: "auth0|alice",
    });
    server.restart();
    expect((await client.refresh(body.refresh_token ?? "")).status).toBe(200);
    server.restart();
    expect((await client.revoke(body.refresh_token ?? "")).status).toBe(200);
  });

  it("works the same over two replicas that share keys, but no store", async () => {
    const { server, start, clock } = fixture;
    const { baseUrl, issuer, resource } = server.options;
    const replica = await start({ baseUrl, issuer, resource, store: createMemoryGuardStore({ clock: clock.now }) });
    const client = await McpClient.register(server);
    const redirect = await client.authorize();
    const elsewhere = new McpClient(replica);
    elsewhere.id = client.id;
    const { body } = await elsewhere.redeem(redirect.searchParams.get("code") ?? "", {
      code_verifier: client.pkce.verifier,
    });
    await expect(server.proxy.verifier.verify(body.access_token ?? "")).resolves.toBeDefined();
    expect((await client.refresh(body.refresh_token ?? "")).status).toBe(200);

    // The provider itself enforces single use of the code, across replicas.
    const replay = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect(replay.body.error).toBe("invalid_grant");
  });
});

describe("key rotation", async () => {
  const newKeys = await createRootKeys({
    secret: "the next signing key, of more than thirty-two bytes",
    previousSecrets: ["a signing key of more than thirty-two bytes"],
  });
  const onlyNewKeys = newKeys.slice(0, 1);

  it("may happen at any point of a login and of a session, while the previous key is still accepted", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server, { token_endpoint_auth_method: "client_secret_post" });
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    server.restart({ rootKeys: newKeys });
    const redirect = locationOf(await browser.get(callback));
    const { status, body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect(status).toBe(200);
    const refreshed = await client.refresh(body.refresh_token ?? "");
    expect(refreshed.status).toBe(200);

    server.restart({ rootKeys: onlyNewKeys });
    await expect(server.proxy.verifier.verify(refreshed.body.access_token ?? "")).resolves.toBeDefined();
  });

  it("ends everything once the key is no longer accepted", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    const tokens = await client.logIn();
    server.restart({ rootKeys: onlyNewKeys });
    await expect(server.proxy.verifier.verify(tokens.access_token)).rejects.toMatchObject({ code: "invalid_token" });
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_client");
  });

  it("refuses a code whose login began under a key that is gone", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    server.restart({ rootKeys: newKeys });
    const redirect = locationOf(await browser.get(callback));
    server.restart({ rootKeys: onlyNewKeys });
    const again = await McpClient.register(server);
    const { body } = await again.redeem(redirect.searchParams.get("code") ?? "");
    expect(body.error).toBe("invalid_grant");
  });
});

describe("what sealed tokens are bound to", () => {
  it.each([
    ["the epoch", { tokenEpoch: "2" }],
    ["the provider's class path", { providerClassPath: "another.Provider" }],
    ["our client id at the provider", { upstreamClientId: "another" }],
  ])("a change of %s ends sessions and keeps registrations", async (_what, change) => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    const tokens = await client.logIn();
    server.restart(change);
    await expect(server.proxy.verifier.verify(tokens.access_token)).rejects.toMatchObject({ code: "invalid_token" });
    expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
    await expect(client.logIn()).resolves.toBeDefined();
  });

  it("a change of the provider ends them too: no refresh token goes to another tenant", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    const tokens = await client.logIn();
    const other = await startDevAuth0({ clock: fixture.clock.now });
    try {
      const upstream = await connect(other, fixture.clock.now, server.options.logger);
      server.restart({ upstream: () => upstream });
      expect((await client.refresh(tokens.refresh_token)).body.error).toBe("invalid_grant");
      expect(other.requests.map(({ path }) => path)).not.toContain("/oauth/token");
    } finally {
      await other.close();
    }
  });

  it("another issuer knows nothing of them", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    server.restart({ issuer: "https://production.example.com/" });
    const { body, status } = await client.refresh("anything");
    expect([status, body.error]).toEqual([401, "invalid_client"]);
  });
});

describe("until the provider is known", () => {
  it("answers 503 with Retry-After, as a page for people and JSON for programs, and takes registrations", async () => {
    const { server } = fixture;
    server.restart({ upstream: () => undefined });
    const client = await McpClient.register(server);

    const page = await new TestBrowser().get(client.authorizeUrl());
    expect(page.status).toBe(503);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(page.headers.get("retry-after")).toBe("5");

    const json = await fetch(client.authorizeUrl(), { redirect: "manual" });
    expect([json.status, json.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await json.json()).toMatchObject({ error: "temporarily_unavailable" });

    const token = await client.refresh("anything");
    expect([token.status, token.body.error, token.headers.get("retry-after")]).toEqual([
      503,
      "temporarily_unavailable",
      "5",
    ]);
    await expect(server.proxy.verifier.verify("anything")).rejects.toMatchObject({ status: 503 });
  });
});

describe("Security rule 11: nothing secret in logs", () => {
  it("logs a line for each event of a login under one correlation id, and no token, code, cookie or secret", async () => {
    const { server, auth0, clock } = fixture;
    const client = await McpClient.register(server, { token_endpoint_auth_method: "client_secret_post" });
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const cookies = [...browser.cookies.values()];
    const redirect = locationOf(await browser.get(callback));
    const code = redirect.searchParams.get("code") ?? "";
    const { body } = await client.redeem(code);
    clock.advance(60);
    const second = await client.refresh(body.refresh_token ?? "");
    await client.revoke(second.body.refresh_token ?? "");
    const inner = await server.proxy.verifier.verify(second.body.access_token ?? "").catch(() => undefined);
    expect(inner).toBeUndefined();

    const events = server.log.filter(({ fields }) => "login" in fields).map(({ fields }) => fields.event);
    expect(events).toEqual([
      "consent-approved",
      "login-returned",
      "tokens-issued",
      "tokens-refreshed",
      "session-revoked",
    ]);
    expect(new Set(server.log.flatMap(({ fields }) => ("login" in fields ? [fields.login] : []))).size).toBe(1);

    const log = JSON.stringify(server.log);
    const secrets = [
      client.secret,
      client.id,
      code,
      callback.searchParams.get("code"),
      callback.searchParams.get("state"),
      client.pkce.verifier,
      body.access_token,
      body.refresh_token,
      second.body.access_token,
      second.body.refresh_token,
      auth0.clientSecret,
      ...cookies,
    ];
    for (const secret of secrets) {
      expect(secret).toMatch(/.{10}/);
      expect(log).not.toContain(secret);
    }
  });
});
