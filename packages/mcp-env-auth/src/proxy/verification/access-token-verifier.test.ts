import { describe, expect, it, onTestFinished } from "vitest";
import { impliedScopes } from "../../authorization/holdings.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import { McpClient, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { connect } from "../testing/proxy-server.ts";
import { type AccessGrant, identityHash, sealToken } from "../tokens/sealed-tokens.ts";
import { createSessionKeyring } from "../tokens/token-keys.ts";

const fixture = useProxy();

function verify(token: string) {
  return fixture.server.proxy.verifier.verify(token);
}

const invalidToken = { code: "invalid_token", status: 401 };

describe("Security rule 7: what is no bearer token", () => {
  it("is the provider's own token, a refresh token, a code, an id token, a client id, or anything else", async () => {
    const client = await McpClient.register(fixture.server);
    const code = (await client.authorize()).searchParams.get("code") ?? "";
    const { refresh_token } = await client.logIn();
    const own = await fixture.auth0.issueAccessToken({ user: "alice" });
    for (const token of [own, refresh_token, code, client.id, "", "a.b.c", "x".repeat(9000)]) {
      await expect(verify(token)).rejects.toMatchObject(invalidToken);
    }
  });

  it("is a token of another server under the same origin", async () => {
    const { server } = fixture;
    const client = await McpClient.register(server);
    const { access_token } = await client.logIn();
    server.restart({ resource: `${server.address}/other` });
    await expect(verify(access_token)).rejects.toMatchObject(invalidToken);
    await expect(verify(access_token)).rejects.toThrow("another resource");
  });

  it("is a token of another environment", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token } = await client.logIn();
    fixture.server.restart({ issuer: "https://production.example.com/" });
    await expect(verify(access_token)).rejects.toMatchObject(invalidToken);
  });

  it("is an expired one, from the cache or not", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token, expires_in } = await client.logIn();
    await verify(access_token);
    fixture.clock.advance(expires_in - 1);
    await verify(access_token);
    fixture.clock.advance(1);
    await expect(verify(access_token)).rejects.toThrow("expired");
    fixture.server.restart();
    await expect(verify(access_token)).rejects.toThrow("expired");
  });
});

describe("Security rule 16: the verifier's scopes", () => {
  it("are those that the user consented to, though the provider's token lists every permission", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token, scope } = await client.logIn("alice", { scope: "weather:read offline_access" });
    const token = await verify(access_token);
    expect(token.scopes).toEqual(["weather:read"]);
    expect(token.claims.permissions).toEqual(["weather:read", "weather:write"]);
    expect(scope).toBe("weather:read offline_access");
  });

  it("lack what the provider withheld: the token says that it was asked for, the log why it may be", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token, scope } = await client.logIn("bob", { scope: "weather:read weather:write offline_access" });
    expect(scope).toBe("weather:read offline_access");
    const token = await verify(access_token);
    expect([token.scopes, token.withheldScopes]).toEqual([["weather:read"], ["weather:write"]]);
    const line = fixture.server.log.find(({ fields }) => fields.event === "scopes-withheld");
    expect(line).toMatchObject({
      level: "warn",
      fields: { login: expect.stringMatching(/./), withheld: ["weather:write"] },
      message: expect.stringMatching(/weather:write.*permission or role.*no such scope.*misspelled.*Add permissions\./),
    });
  });

  it("forget that, at a refresh or a login that brings the scope", async () => {
    const client = await McpClient.register(fixture.server);
    const { refresh_token } = await client.logIn("bob", { scope: "weather:read weather:write" });
    const still = await client.refresh(refresh_token);
    expect((await verify(still.body.access_token ?? "")).withheldScopes).toEqual(["weather:write"]);
    fixture.auth0.updateUser("bob", { permissions: ["weather:read", "weather:write"] });
    onTestFinished(() => fixture.auth0.updateUser("bob", { permissions: ["weather:read"] }));
    const refreshed = await client.refresh(still.body.refresh_token ?? "");
    const again = await client.logIn("bob", { scope: "weather:read weather:write" });
    for (const access of [refreshed.body.access_token ?? "", again.access_token]) {
      const { scopes, withheldScopes } = await verify(access);
      expect([scopes, withheldScopes]).toEqual([["weather:read", "weather:write"], undefined]);
    }
  });

  it("have no mark for what a refresh did not ask for", async () => {
    const client = await McpClient.register(fixture.server);
    const { refresh_token } = await client.logIn("bob", { scope: "weather:read weather:write" });
    const { body } = await client.refresh(refresh_token, { scope: "weather:read" });
    expect(await verify(body.access_token ?? "")).not.toHaveProperty("withheldScopes");
  });

  it("hold what the provider's token implies, where the client asked for it, and nothing else of that", async () => {
    const hierarchy = { "weather:write": ["weather:read", "openid"] };
    fixture.server.restart({ withImpliedScopes: (scopes) => [...impliedScopes(scopes, hierarchy)] });
    fixture.auth0.updateUser("bob", { permissions: ["weather:write"] });
    onTestFinished(() => fixture.auth0.updateUser("bob", { permissions: ["weather:read"] }));
    const client = await McpClient.register(fixture.server);
    const { access_token, refresh_token, scope } = await client.logIn("bob", { scope: "weather:read" });
    expect(scope).toBe("weather:read");
    const token = await verify(access_token);
    expect([token.scopes, token.claims.permissions]).toEqual([["weather:read"], ["weather:write"]]);
    const refreshed = await client.refresh(refresh_token);
    expect((await verify(refreshed.body.access_token ?? "")).scopes).toEqual(["weather:read"]);
  });

  it("are not served without the required ones: the token endpoint says why", async () => {
    const client = await McpClient.register(fixture.server);
    const redirect = await client.authorize(new TestBrowser(), "carol");
    const { status, body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect([status, body.error]).toEqual([400, "invalid_scope"]);
    expect(body.error_description).toContain("weather:read");
    const message = fixture.server.log.find(({ fields }) => fields.event === "scopes-withheld")?.message;
    expect(message).toContain("FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES");
    expect(message).toContain("Add permissions.");
  });
});

describe("the path of a request", () => {
  it("verifies the provider's signature once per token and process, and opens nothing again", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token } = await client.logIn();
    let verified = 0;
    const upstream = fixture.server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    const counting = {
      ...upstream,
      tokens: {
        verify(token: string) {
          verified++;
          return upstream.tokens.verify(token);
        },
      },
    };
    fixture.server.restart({ upstream: () => counting });
    const first = await verify(access_token);
    expect(await verify(access_token)).toBe(first);
    expect(verified).toBe(1);
  });

  it("gives every request the same token, which none of them can change for the next", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token } = await client.logIn();
    const token = await verify(access_token);
    expect(() => (token.scopes as string[]).push("weather:write")).toThrow(TypeError);
    expect(() => Object.assign(token.claims, { sub: "auth0|admin" })).toThrow(TypeError);
    expect(() => (token.claims.permissions as string[]).push("admin")).toThrow(TypeError);
    expect(() => Object.assign(token, { subject: "auth0|admin" })).toThrow(TypeError);
  });

  it("refuses a token whose inner signature is not the provider's, so that a leaked sealing key mints nothing", async () => {
    const { options } = fixture.server;
    const upstream = options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    const genuine = await fixture.auth0.issueAccessToken({ user: "bob" });
    const [header, payload = "", signature] = genuine.split(".");
    const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), sub: "auth0|admin" };
    const forged = [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    const mint = (providerToken: string, subject: string, more: Partial<AccessGrant> = {}) =>
      sealToken(createSessionKeyring(options, upstream), "access", {
        tokenId: "1",
        family: "1",
        loginTime: fixture.clock.now(),
        expiresAt: fixture.clock.now() + 60,
        subjectHash: identityHash(subject),
        clientHash: "1",
        scopes: ["weather:read", "weather:write"],
        resource: options.resource,
        providerToken,
        ...more,
      });
    await expect(verify(await mint(genuine, "auth0|bob"))).resolves.toMatchObject({ scopes: ["weather:read"] });
    const { exp } = JSON.parse(Buffer.from(payload, "base64url").toString());
    const prolonged = await mint(genuine, "auth0|bob", { expiresAt: exp + 1000 });
    await expect(verify(prolonged)).resolves.toMatchObject({ expiresAt: exp });
    await expect(verify(await mint(forged, "auth0|admin"))).rejects.toMatchObject(invalidToken);
    await expect(verify(await mint(genuine, "auth0|admin"))).rejects.toMatchObject(invalidToken);
    const verified = {
      subject: "auth0|admin",
      clientId: "1",
      expiresAt: fixture.clock.now() + 60,
      scopes: [],
      claims: {},
    };
    await expect(verify(await mint(forged, "auth0|admin", { verified }))).rejects.toMatchObject(invalidToken);
  });

  it.each(["deny-token", "deny-family", "deny-subject", "deny-client"] as const)(
    "looks at the denials of each kind on every request: %s",
    async (kind) => {
      const client = await McpClient.register(fixture.server);
      const { access_token } = await client.logIn();
      await verify(access_token);
      const asked: string[] = [];
      const { store } = fixture.server.options;
      fixture.server.restart({
        store: {
          ...store,
          async denied(entries) {
            asked.push(...entries.map(([name]) => name));
            for (const [name, id] of entries) {
              if (name === kind) {
                await store.set(name, id, "1", 60);
              }
            }
            return store.denied(entries);
          },
        },
      });
      await expect(verify(access_token)).rejects.toThrow("revoked");
      expect(asked).toContain(kind);
    },
  );

  it("answers 503, never 401, when the guard store is out", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token } = await client.logIn();
    const { store } = fixture.server.options;
    fixture.server.restart({ store: { ...store, denied: () => Promise.reject(new GuardStoreUnavailable("out")) } });
    await expect(verify(access_token)).rejects.toMatchObject({ code: "temporarily_unavailable", status: 503 });
  });

  it("answers 503, never 401, when the provider's keys can't be fetched", async () => {
    const client = await McpClient.register(fixture.server);
    const { access_token } = await client.logIn();
    const replica = await fixture.start(fixture.server.options);
    const fresh = await connect(fixture.auth0, fixture.clock.now, replica.options.logger);
    fixture.auth0.misbehave({ jwks: "down" });
    replica.restart({ upstream: () => fresh });
    await expect(replica.proxy.verifier.verify(access_token)).rejects.toMatchObject({
      code: "temporarily_unavailable",
      status: 503,
    });
    await fixture.auth0.restore();
    fixture.clock.advance(1);
    await expect(replica.proxy.verifier.verify(access_token)).resolves.toBeDefined();
  });
});

describe("opaque provider tokens", () => {
  it("are verified at the exchange, and their claims sealed in", async () => {
    const upstream = fixture.server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    let verified = 0;
    const opaque = {
      ...upstream,
      tokenKind: "opaque" as const,
      tokens: {
        verify(token: string) {
          verified++;
          return upstream.tokens.verify(token);
        },
      },
    };
    fixture.server.restart({ upstream: () => opaque });
    const client = await McpClient.register(fixture.server);
    const { access_token } = await client.logIn();
    await expect(verify(access_token)).resolves.toMatchObject({ subject: "auth0|alice", scopes: ["weather:read"] });
    expect(verified).toBe(1);
  });
});
