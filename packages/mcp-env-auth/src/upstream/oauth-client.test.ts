import { UnsecuredJWT } from "jose";
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

  const jwt = (claims: object) => new UnsecuredJWT({ ...claims }).encode();
  const login = newLogin(["openid"]);

  it.each([
    ["is no JWT", "nonsense"],
    ["is no text", { nonce: "of-another-login" }],
    ["has no claims that can be read", "a.b.c"],
    ["repeats no nonce", jwt({ iss: "https://anybody.example" })],
    ["has null as nonce", jwt({ nonce: null })],
    ["repeats the login's nonce", jwt({ nonce: login.nonce, aud: "two", exp: 1 })],
  ])("keeps no id token, and asks for nothing in it: one that %s", async (_what, idToken) => {
    const provider = await startProvider(() => ({
      json: { access_token: "a", token_type: "bearer", id_token: idToken },
    }));
    const client = createClient(provider.origin);
    expect(await client.exchangeCode({ ...login, code: "c" })).toEqual({ accessToken: "a" });
  });

  it.each(["of-another-login", "", 5, ["x"], `${login.nonce}x`, login.nonce.toUpperCase()])(
    "Security rule 5: refuses an answer whose id token has the nonce %j",
    async (nonce) => {
      const provider = await startProvider(() => ({
        json: { access_token: "a", token_type: "bearer", id_token: jwt({ nonce }) },
      }));
      const exchange = createClient(provider.origin).exchangeCode({ ...login, code: "c" });
      await expect(exchange).rejects.toMatchObject({ kind: "rejected", about: "id-token" });
      await expect(exchange).rejects.not.toThrow(login.nonce);
    },
  );

  it("sends and expects no nonce without openid, also where EXTRA_AUTHORIZE_PARAMS has the scopes", async () => {
    const provider = await startProvider(() => ({
      json: { access_token: "a", token_type: "bearer", id_token: jwt({ nonce: "x" }) },
    }));
    const nonceOf = async (client: ReturnType<typeof createClient>, scopes: string[]) =>
      (await client.authorizationUrl(newLogin(scopes))).searchParams.get("nonce");
    const client = createClient(provider.origin);
    expect(await nonceOf(client, ["user:email"])).toBeNull();
    expect(await client.exchangeCode({ ...newLogin(["user:email"]), code: "c" })).toEqual({ accessToken: "a" });
    const narrowed = createClient(provider.origin, { extraAuthorizeParams: { scope: "email" } });
    expect(await nonceOf(narrowed, ["openid"])).toBeNull();
    expect(await narrowed.exchangeCode({ ...login, code: "c" })).toEqual({ accessToken: "a" });
    const widened = createClient(provider.origin, { extraAuthorizeParams: { scope: "email openid" } });
    expect(await nonceOf(widened, ["email"])).not.toBeNull();
    await expect(widened.exchangeCode({ ...newLogin(["email"]), code: "c" })).rejects.toThrow("another login");
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
