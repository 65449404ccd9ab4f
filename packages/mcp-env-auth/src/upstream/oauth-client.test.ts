import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { silentLogger } from "../logger.ts";
import { createOAuthUpstreamClient, type OAuthUpstreamClientOptions } from "./oauth-client.ts";
import { startProvider } from "./testing/provider-server.ts";
import { newLogin, VARIABLES } from "./testing/upstream-client.ts";

function createClient(origin: string, options: Partial<OAuthUpstreamClientOptions> = {}) {
  return createOAuthUpstreamClient({
    authorizationEndpoint: `${origin}/authorize?tenant=one`,
    tokenEndpoint: `${origin}/token`,
    clientId: "one",
    clientSecret: "secret",
    variables: VARIABLES,
    logger: silentLogger,
    ...options,
  });
}

describe("a client at an OAuth provider without an issuer", () => {
  it("asks for a code with PKCE, without offline_access", async () => {
    const login = newLogin(["openid", "user:email"]);
    const { searchParams } = await createClient("https://provider.example").authorizationUrl(login);
    expect(Object.fromEntries(searchParams)).toEqual({
      tenant: "one",
      client_id: "one",
      response_type: "code",
      redirect_uri: login.redirectUri,
      scope: "openid user:email",
      state: login.state,
      nonce: login.nonce,
      code_challenge: login.codeChallenge,
      code_challenge_method: "S256",
    });
  });

  it("asks for no scope when there is none", async () => {
    const { searchParams } = await createClient("https://provider.example").authorizationUrl(newLogin([]));
    expect(searchParams.has("scope")).toBe(false);
  });

  it("drops an id token unread", async () => {
    const provider = await startProvider(() => ({
      json: { access_token: "a", token_type: "bearer", id_token: "nonsense" },
    }));
    const client = createClient(provider.origin);
    expect(await client.exchangeCode({ ...newLogin(["openid"]), code: "c" })).toEqual({ accessToken: "a" });
  });

  it("spells scopes as the provider does, and names them with the code, too", async () => {
    const provider = await startProvider(() => ({ json: { access_token: "a", token_type: "bearer" } }));
    const client = createClient(provider.origin, {
      scopesSupported: ["offline_access"],
      providerScopes: {
        toProvider: (scope) => (scope === "offline_access" ? scope : `api://one/${scope}`),
        atLogin: ["Mail.Read"],
      },
    });
    const login = newLogin(["read"]);
    expect((await client.authorizationUrl(login)).searchParams.get("scope")).toBe(
      "api://one/read offline_access Mail.Read",
    );
    await client.exchangeCode({ ...login, code: "c" });
    await client.refresh("r", ["read"]);
    expect(provider.requests.map(({ form }) => form.scope)).toEqual([
      "api://one/read offline_access",
      "api://one/read offline_access",
    ]);
  });

  it("has no issuer in its metadata", () => {
    expect(createClient("https://provider.example").metadata).not.toHaveProperty("issuer");
  });

  it.each([
    ["authorizationEndpoint", "http://provider.example/authorize"],
    ["tokenEndpoint", "http://provider.example/token"],
    ["revocationEndpoint", "http://localhost.example/revoke"],
  ])("refuses an insecure %s", (endpoint, value) => {
    expect(() => createClient("https://provider.example", { [endpoint]: value })).toThrow(ConfigError);
  });
});
