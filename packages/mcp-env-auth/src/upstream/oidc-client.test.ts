import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  clientAt,
  loginWithCode,
  newLogin,
  REDIRECT_URI,
  startAuth0,
  upstreamError,
} from "./testing/upstream-client.ts";

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});
afterEach(() => auth0.restore());
afterAll(() => auth0.close());

describe("the authorization URL", () => {
  it("asks for a code with PKCE S256, the state, the nonce and the audience", async () => {
    const { client } = await clientAt(auth0);
    const login = newLogin(["openid", "weather:read"]);
    const url = await client.authorizationUrl(login);
    expect(url.origin + url.pathname).toBe(`${auth0.issuer}authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: auth0.clientId,
      response_type: "code",
      redirect_uri: REDIRECT_URI,
      scope: "openid weather:read offline_access",
      state: login.state,
      nonce: login.nonce,
      code_challenge: login.codeChallenge,
      code_challenge_method: "S256",
      audience: auth0.audience,
    });
  });

  it("asks for offline_access only where the provider lists it", async () => {
    auth0.misbehave({ discovery: { metadata: { scopes_supported: ["openid"] } } });
    const { client } = await clientAt(auth0);
    expect((await client.authorizationUrl(newLogin(["openid"]))).searchParams.get("scope")).toBe("openid");
  });

  it("asks for offline_access once", async () => {
    const { client } = await clientAt(auth0);
    const { searchParams } = await client.authorizationUrl(newLogin(["offline_access", "openid"]));
    expect(searchParams.get("scope")).toBe("offline_access openid");
  });

  it("holds a nonce only with openid: without it no id token comes that could repeat it", async () => {
    const { client } = await clientAt(auth0);
    expect((await client.authorizationUrl(newLogin(["weather:read"]))).searchParams.has("nonce")).toBe(false);
  });

  it("lets extra parameters override our own, but not what ties the request to this login", async () => {
    const { client, logger } = await clientAt(auth0, {
      extraAuthorizeParams: {
        audience: "another-api",
        scope: "profile",
        organization: "org_acme",
        state: "x",
        nonce: "x",
        code_challenge: "x",
        code_challenge_method: "plain",
        redirect_uri: "https://evil.example",
        client_id: "x",
        response_type: "token",
      },
    });
    const login = newLogin(["openid"]);
    expect(Object.fromEntries((await client.authorizationUrl(login)).searchParams)).toEqual({
      client_id: auth0.clientId,
      response_type: "code",
      redirect_uri: REDIRECT_URI,
      scope: "profile",
      organization: "org_acme",
      audience: "another-api",
      state: login.state,
      code_challenge: login.codeChallenge,
      code_challenge_method: "S256",
    });
    expect(logger.lines[0]?.message).toContain("redirect_uri");
  });
});

describe("a code", () => {
  it("gives tokens and the claims of the id token", async () => {
    const { client } = await clientAt(auth0);
    const login = await loginWithCode(client);
    const tokens = await client.exchangeCode(login);
    expect(tokens).toMatchObject({
      accessToken: expect.stringMatching(/^ey/),
      refreshToken: expect.any(String),
      expiresIn: 86_400,
      scope: "openid weather:read offline_access",
    });
    expect(decodeJwt(tokens.idToken ?? "")).toMatchObject({
      iss: auth0.issuer,
      sub: "auth0|alice",
      aud: auth0.clientId,
      nonce: login.nonce,
    });
  });

  it("is exchanged with the PKCE verifier: another one is refused", async () => {
    const { client } = await clientAt(auth0);
    const login = await loginWithCode(client);
    const { codeVerifier } = newLogin();
    const error = await upstreamError(client.exchangeCode({ ...login, codeVerifier }));
    expect(error).toMatchObject({ kind: "invalid_grant", code: "invalid_grant" });
  });

  it("is good once", async () => {
    const { client } = await clientAt(auth0);
    const login = await loginWithCode(client);
    await client.exchangeCode(login);
    expect((await upstreamError(client.exchangeCode(login))).kind).toBe("invalid_grant");
  });

  it("gives no claims of an id token when openid was not asked for", async () => {
    const { client } = await clientAt(auth0);
    const tokens = await client.exchangeCode(await loginWithCode(client, newLogin(["weather:read"])));
    expect(tokens).not.toHaveProperty("idToken");
  });

  it.each([
    ["of another login", "wrong-nonce", "nonce"],
    ["of another issuer", "wrong-issuer", "iss"],
    ["for another client", "wrong-audience", "aud"],
    ["that has expired", "expired", "exp"],
  ] as const)("is refused with an id token %s", async (_title, idToken, claim) => {
    const { client } = await clientAt(auth0);
    const login = await loginWithCode(client);
    auth0.misbehave({ idToken });
    const error = await upstreamError(client.exchangeCode(login));
    expect(error.kind).toBe("rejected");
    expect(error.message).toContain(`"${claim}"`);
    expect(error.cause).toBeUndefined();
  });

  it("is refused without an id token when openid was asked for", async () => {
    const { client } = await clientAt(auth0);
    const login = await loginWithCode(client, newLogin(["weather:read"]));
    const error = await upstreamError(client.exchangeCode({ ...login, scopes: ["openid"] }));
    expect(error.kind).toBe("rejected");
    expect(error.message).toContain("id_token");
  });

  it.each([
    ["an hour behind", -3600],
    ["an hour ahead", 3600],
  ])("is judged by our clock, not by that of the machine: %s", async (_title, seconds) => {
    const clock = () => Date.now() / 1000 + seconds;
    const { client } = await startAuth0({ clock }, { clock, idTokenLifetime: 600 });
    const tokens = await client.exchangeCode(await loginWithCode(client));
    expect(decodeJwt(tokens.idToken ?? "")).toMatchObject({ sub: "auth0|alice" });
  });

  it("may come with an id token that ended up to 60 s ago, since clocks differ", async () => {
    const start = Math.floor(Date.now() / 1000);
    let now = start;
    const clock = () => now;
    const { client } = await startAuth0({ clock }, { clock: () => start, idTokenLifetime: 600 });
    const [first, second] = [await loginWithCode(client), await loginWithCode(client)];
    now = start + 655;
    await client.exchangeCode(first);
    now = start + 665;
    expect((await upstreamError(client.exchangeCode(second))).message).toContain("exp");
  });
});

describe("a refresh token", () => {
  it("gives new tokens", async () => {
    const { client } = await clientAt(auth0);
    const first = await client.exchangeCode(await loginWithCode(client));
    const second = await client.refresh(first.refreshToken ?? "", ["openid", "weather:read"]);
    expect(second).toMatchObject({
      accessToken: expect.stringMatching(/^ey/),
      refreshToken: expect.any(String),
      scope: "openid weather:read offline_access",
    });
  });

  it("gives new tokens whatever the id token that comes with them says", async () => {
    const { client } = await clientAt(auth0);
    const { refreshToken = "" } = await client.exchangeCode(await loginWithCode(client));
    auth0.misbehave({ idToken: "expired" });
    expect(await client.refresh(refreshToken, ["openid"])).not.toHaveProperty("idToken");
  });

  it("that the provider does not know is invalid_grant", async () => {
    const { client } = await clientAt(auth0);
    const error = await upstreamError(client.refresh("no-such-token", ["openid"]));
    expect(error.kind).toBe("invalid_grant");
    expect(error.message).not.toContain("no-such-token");
  });

  it("can be revoked", async () => {
    const { client } = await clientAt(auth0);
    const { refreshToken = "" } = await client.exchangeCode(await loginWithCode(client));
    expect(await client.revoke(refreshToken, "refresh_token")).toBe(true);
    expect((await upstreamError(client.refresh(refreshToken, ["openid"]))).kind).toBe("invalid_grant");
    expect(auth0.requests.find(({ path }) => path === "/oauth/revoke")?.params.token_type_hint).toBe("refresh_token");
  });

  it("is left alone where the provider has no revocation endpoint", async () => {
    auth0.misbehave({ discovery: { metadata: { revocation_endpoint: undefined } } });
    const { client } = await clientAt(auth0);
    expect(await client.revoke("token", "refresh_token")).toBe(false);
    expect(auth0.requests).toEqual([]);
  });
});

describe("what is sent with every token request", () => {
  it("is the audience: at the authorization endpoint, for a code and for a refresh token", async () => {
    const { client } = await clientAt(auth0);
    const { refreshToken = "" } = await client.exchangeCode(await loginWithCode(client));
    await client.refresh(refreshToken, ["openid"]);
    const sent = auth0.requests.filter(({ path }) => path === "/authorize" || path === "/oauth/token");
    expect(sent.map(({ path, params }) => [path, params.grant_type, params.audience])).toEqual([
      ["/authorize", undefined, auth0.audience],
      ["/oauth/token", "authorization_code", auth0.audience],
      ["/oauth/token", "refresh_token", auth0.audience],
    ]);
  });

  it("is no audience where none is configured", async () => {
    const { client } = await clientAt(auth0, { audience: undefined });
    await client.exchangeCode(await loginWithCode(client, newLogin(["openid"])));
    const sent = auth0.requests.filter(({ path }) => path === "/authorize" || path === "/oauth/token");
    expect(sent.map(({ params }) => "audience" in params)).toEqual([false, false]);
  });

  it("is every extra parameter, over our audience but not over the grant", async () => {
    const { client, logger } = await clientAt(auth0, {
      extraTokenParams: { audience: "another-api", realm: "one", grant_type: "password", client_id: "x" },
    });
    const { refreshToken = "" } = await client.exchangeCode(await loginWithCode(client));
    await client.refresh(refreshToken, ["openid"]);
    const sent = auth0.requests.filter(({ path }) => path === "/oauth/token");
    expect(sent.map(({ params }) => [params.grant_type, params.audience, params.realm])).toEqual([
      ["authorization_code", "another-api", "one"],
      ["refresh_token", "another-api", "one"],
    ]);
    expect(logger.lines[0]?.message).toContain("grant_type, client_id");
  });
});
