import { describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { OAuthProxy } from "./oauth.ts";
import { startOidcStandIn } from "./testing/oidc-stand-in.ts";
import { protectServer } from "./testing/protected-server.ts";
import { CLIENT_ID, CLIENT_SECRET, isOurClient } from "./testing/stand-in.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_OAUTH_";

async function startProvider() {
  const provider = await startOidcStandIn({
    claims: ({ scope }, issuer) => ({ iss: issuer, sub: "alice", aud: "the-api", scope }),
    otherRoutes: {
      "/introspect": (request) =>
        isOurClient(request)
          ? {
              json: {
                active: true,
                sub: "alice",
                aud: "the-api",
                iss: "https://the-issuer.example",
                scope: request.form.token ? "read" : "",
              },
            }
          : { status: 401 },
      "/me": ({ headers }) => (headers.authorization ? { json: { id: 42, name: "Alice" } } : { status: 401 }),
    },
  });
  const { origin, issuer } = provider;
  const endpoints = { AUTHORIZATION_ENDPOINT: `${origin}/authorize`, TOKEN_ENDPOINT: `${origin}/token` };
  return { provider, origin, issuer, variables: { CLIENT_ID, CLIENT_SECRET, REQUIRED_SCOPES: "read", ...endpoints } };
}

describe("a login at any OAuth provider", () => {
  it("verifies JWTs by its keys", async () => {
    const { origin, issuer, variables } = await startProvider();
    const jwks = { JWKS_URI: `${origin}/jwks.json`, ISSUER: issuer };
    const server = await protectServer(OAuthProxy, { ...variables, ...jwks, AUDIENCE: "the-api" });
    const { tokens } = await server.logIn();
    expect(await server.verify(tokens.access_token)).toMatchObject({ subject: "alice", scopes: ["read"] });
    const other = await protectServer(OAuthProxy, { ...variables, ...jwks, AUDIENCE: "another" });
    await expect(other.logIn()).rejects.toThrow(`${PREFIX}AUDIENCE`);
  });

  it("takes the scopes of a login as carried by JWTs that list only the API's (oidc-provider, Logto)", async () => {
    const provider = await startOidcStandIn({
      claims: (_grant, iss) => ({ iss, sub: "alice", aud: "the-api", scope: "read" }),
    });
    const variables = {
      ...{ CLIENT_ID, CLIENT_SECRET, AUDIENCE: "the-api", REQUIRED_SCOPES: "openid profile read" },
      AUTHORIZATION_ENDPOINT: `${provider.origin}/authorize`,
      TOKEN_ENDPOINT: `${provider.origin}/token`,
      JWKS_URI: `${provider.origin}/jwks.json`,
      ISSUER: provider.issuer,
    };
    const server = await protectServer(OAuthProxy, variables);
    const { tokens } = await server.logIn();
    expect((await server.verify(tokens.access_token)).scopes).toEqual(["openid", "profile", "read"]);
    const missing = await protectServer(OAuthProxy, { ...variables, REQUIRED_SCOPES: "openid read write" });
    await expect(missing.logIn()).rejects.toThrow("write");
  });

  it("looks opaque tokens up by introspection", async () => {
    const { origin, variables } = await startProvider();
    const server = await protectServer(OAuthProxy, { ...variables, INTROSPECTION_ENDPOINT: `${origin}/introspect` });
    const { tokens } = await server.logIn();
    expect(await server.verify(tokens.access_token)).toMatchObject({ subject: "alice", scopes: ["read"] });
  });

  it("refreshes by an opaque token whose introspection says neither its kind nor its audience, if there is no refresh token", async () => {
    const provider = await startOidcStandIn({
      claims: () => ({}),
      answer: () => ({ access_token: "opaque", refresh_token: undefined, expires_in: undefined }),
      otherRoutes: {
        "/introspect": () => ({ json: { active: true, sub: "alice", client_id: CLIENT_ID, scope: "read" } }),
      },
    });
    const server = await protectServer(OAuthProxy, {
      ...{ CLIENT_ID, CLIENT_SECRET, REQUIRED_SCOPES: "read" },
      AUTHORIZATION_ENDPOINT: `${provider.origin}/authorize`,
      TOKEN_ENDPOINT: `${provider.origin}/token`,
      INTROSPECTION_ENDPOINT: `${provider.origin}/introspect`,
    });
    const { client, tokens } = await server.logIn();
    const { status, body } = await client.refresh(tokens.refresh_token);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(await server.verify(body.access_token ?? "")).toMatchObject({ subject: "alice", scopes: ["read"] });
  });

  it("introspects as the token endpoint is asked: with the credentials in the form", async () => {
    const { provider, origin, variables } = await startProvider();
    const method = { TOKEN_ENDPOINT_AUTH_METHOD: "client_secret_post" };
    const endpoint = { INTROSPECTION_ENDPOINT: `${origin}/introspect` };
    await (await protectServer(OAuthProxy, { ...variables, ...endpoint, ...method })).logIn();
    expect(provider.to("/introspect")[0]?.headers.authorization).toBeUndefined();
    expect(provider.to("/introspect")[0]?.form).toMatchObject({ client_id: CLIENT_ID, client_secret: CLIENT_SECRET });
  });

  it("Security: holds looked up tokens to the issuer and the audience that are set", async () => {
    const { origin, variables } = await startProvider();
    const endpoint = { INTROSPECTION_ENDPOINT: `${origin}/introspect` };
    const logIn = async (changes: Readonly<Record<string, string>>) =>
      (await protectServer(OAuthProxy, { ...variables, ...endpoint, ...changes })).logIn();
    await expect(logIn({ ISSUER: "https://the-issuer.example", AUDIENCE: "the-api" })).resolves.toBeDefined();
    await expect(logIn({ ISSUER: '["https://another.example"]' })).rejects.toThrow("issuer");
    await expect(logIn({ AUDIENCE: "another" })).rejects.toThrow("the-api");
  });

  it("looks opaque tokens up by userinfo, with the scopes that were granted", async () => {
    const { provider, origin, variables } = await startProvider();
    const server = await protectServer(OAuthProxy, {
      ...variables,
      USERINFO_ENDPOINT: `${origin}/me`,
      OFFLINE_ACCESS: "true",
    });
    const { tokens } = await server.logIn();
    expect(provider.to("/authorize")[0]?.query.scope).toBe("read offline_access");
    expect(await server.verify(tokens.access_token)).toMatchObject({
      subject: "42",
      scopes: ["read"],
      claims: { name: "Alice" },
    });
  });
});

describe("OAuthProxy from the environment", () => {
  const minimal = {
    CLIENT_ID,
    CLIENT_SECRET,
    BASE_URL: "https://mcp.example.com",
    AUTHORIZATION_ENDPOINT: "https://idp.example/authorize",
    TOKEN_ENDPOINT: "https://idp.example/token",
  };
  const problemsOf = (changes: Readonly<Record<string, string>>) => {
    const named = Object.entries({ ...minimal, ...changes }).map(([name, value]) => [PREFIX + name, value]);
    const { problems } = OAuthProxy.fromEnvironment(environmentOf(Object.fromEntries(named)));
    return problems.map(({ variable, message }) => `${variable?.slice(PREFIX.length)} ${message}`);
  };

  it("needs one way to verify tokens, and one only", () => {
    expect(problemsOf({})).toEqual([expect.stringMatching(/^INTROSPECTION_ENDPOINT is required.*JWKS_URI.*USERINFO/)]);
    expect(problemsOf({ JWKS_URI: "https://idp.example/jwks" })).toEqual([
      expect.stringMatching(/^ISSUER is required/),
    ]);
    expect(problemsOf({ USERINFO_ENDPOINT: "https://idp.example/me" })).toEqual([]);
    const two = { USERINFO_ENDPOINT: "https://idp.example/me", INTROSPECTION_ENDPOINT: "https://idp.example/i" };
    expect(problemsOf(two)).toEqual([
      expect.stringMatching(/^INTROSPECTION_ENDPOINT and .*USERINFO_ENDPOINT are all set/),
    ]);
  });

  it("takes no issuer or audience with userinfo, which tells neither: they would only seem to protect", () => {
    const userinfo = { USERINFO_ENDPOINT: "https://idp.example/me" };
    expect(problemsOf({ ...userinfo, AUDIENCE: "the-api", ISSUER: "https://idp.example" })).toEqual([
      expect.stringMatching(/^ISSUER can't be checked by .*USERINFO_ENDPOINT/),
      expect.stringMatching(/^AUDIENCE can't be checked by .*USERINFO_ENDPOINT/),
    ]);
  });

  it("needs a secret to introspect with", () => {
    const changes = {
      INTROSPECTION_ENDPOINT: "https://idp.example/i",
      CLIENT_SECRET: "",
      TOKEN_ENDPOINT_AUTH_METHOD: "none",
      JWT_SIGNING_KEY: "a key of its own, of more than 32 characters",
    };
    expect(problemsOf(changes).join()).toContain("CLIENT_SECRET");
  });

  it("takes no HMAC with published keys", () => {
    const jwks = { JWKS_URI: "https://idp.example/jwks", ISSUER: "https://idp.example" };
    expect(problemsOf({ ...jwks, ALGORITHM: "HS256" })).toEqual([expect.stringContaining("ALGORITHM must be one of")]);
    expect(problemsOf({ ...jwks, ALGORITHM: "es256" })).toEqual([]);
  });
});

describe("Security rule 20: a session at a provider of opaque tokens", () => {
  /** A provider that answers about its users as told. */
  async function start(answer: { readonly userinfo?: object; readonly introspection?: object }, variables = {}) {
    const { provider, origin, variables: settings } = await startProvider();
    const says = { ...answer };
    provider.override("/me", () => ({ json: says.userinfo }));
    provider.override("/introspect", () => ({ json: { active: true, aud: "the-api", ...says.introspection } }));
    const endpoint =
      answer.userinfo === undefined
        ? { INTROSPECTION_ENDPOINT: `${origin}/introspect` }
        : { USERINFO_ENDPOINT: `${origin}/me` };
    const lasting = { REQUIRED_SCOPES: "[]" };
    const server = await protectServer(OAuthProxy, { ...settings, ...lasting, ...endpoint, ...variables });
    return { server, says, provider };
  }

  it.each([
    ["userinfo, by id", { userinfo: { id: CLIENT_ID, client_id: CLIENT_ID } }, "token of an application"],
    ["userinfo, by our client id", { userinfo: { id: CLIENT_ID } }, "reserved"],
    ["introspection", { introspection: { sub: CLIENT_ID, client_id: CLIENT_ID } }, "token of an application"],
  ])("is not opened for our own application: %s", async (_what, answer, reason) => {
    const { server } = await start(answer);
    await expect(server.logIn()).rejects.toThrow(reason);
  });

  it("needs an issuer in introspection's answer where several are configured", async () => {
    const issuers = ["https://one.example", "https://two.example"];
    const of = async (iss: unknown) => {
      const { server } = await start({ introspection: { sub: "1", iss } }, { ISSUER: JSON.stringify(issuers) });
      const { tokens } = await server.logIn();
      return (await server.verify(tokens.access_token)).subject;
    };
    expect(await of(issuers[0])).toBe("1");
    expect(await of(issuers[1])).toBe("https://two.example|1");
    await expect(of(undefined)).rejects.toThrow("which of the configured issuers");
    await expect(of([issuers[1]])).rejects.toThrow("which of the configured issuers");
  });

  it("that refreshes by its lasting access token ends with the same sentence as any other", async () => {
    for (const later of [{ name: "Alice" }, { id: "bob" }]) {
      const { server, says, provider } = await start({ userinfo: { id: "alice" } });
      provider.override("/token", ({ form }) => ({
        json: { access_token: `opaque-${form.grant_type}`, token_type: "Bearer" },
      }));
      const { client, tokens } = await server.logIn();
      says.userinfo = later;
      const { status, body } = await client.refresh(tokens.refresh_token);
      expect([status, body.error]).toEqual([400, "invalid_grant"]);
      expect(body.error_description).toMatch(/(?:identifies nobody|another user).*Log in again\.$/);
      const events = server.logger.lines.map(({ fields }) => (fields as { event?: string }).event);
      expect(events).toContain("subject-changed");
      await expect(server.verify(tokens.access_token)).rejects.toThrow("revoked");
    }
  });
});
