import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import {
  authorizeUrl,
  Browser,
  CALLBACK,
  createPkce,
  logIn,
  type Pkce,
  refresh,
  requestToken,
} from "./testing/browser.ts";

let now = 1_800_000_000;
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({
    clock: () => now,
    applications: [
      { clientId: "web", clientSecret: "s:e%c+r é", type: "regular_web" },
      { clientId: "post", clientSecret: "secret", type: "regular_web", tokenEndpointAuthMethod: "client_secret_post" },
      { clientId: "spa", clientSecret: "secret", type: "spa" },
      { clientId: "lenient", type: "native", rejectSecret: false },
      { clientId: "machine", clientSecret: "secret", type: "machine" },
      {
        clientId: "limited",
        clientSecret: "secret",
        type: "machine",
        clientGrants: { "https://weather.example.com/api": ["weather:read", "unknown"] },
      },
    ],
    apis: [
      { identifier: "https://weather.example.com/api", scopes: ["weather:read", "weather:write"] },
      { identifier: "https://online.example.com", scopes: [], allowOfflineAccess: false },
      {
        identifier: "https://open.example.com",
        scopes: ["a", "b"],
        enforcePolicies: false,
        tokenDialect: "access_token",
      },
      { identifier: "https://rfc9068.example.com", scopes: [], tokenDialect: "rfc9068_profile", tokenLifetime: 60 },
    ],
  });
});

afterAll(() => auth0.close());

const UNAUTHORIZED = { status: 401, body: { error: "access_denied", error_description: "Unauthorized" } };
const BAD_CODE = { status: 403, body: { error: "invalid_grant", error_description: "Invalid authorization code" } };
const badCode = { grant_type: "authorization_code", code: "bad", redirect_uri: CALLBACK };

function basic(clientId: string, secret: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}` };
}

describe("client authentication at /oauth/token", () => {
  test("comes before the code: right credentials with a bad code are told that the code is bad", async () => {
    expect(await requestToken(auth0, badCode)).toEqual(BAD_CODE);
  });

  test.each([
    ["a wrong secret", { client_secret: "wrong" }],
    ["no secret", { client_secret: undefined }],
    ["an empty secret", { client_secret: "" }],
    ["an unknown client", { client_id: "nobody" }],
    ["no client", { client_id: undefined }],
  ])("refuses %s with access_denied", async (_name, parameters) => {
    expect(await requestToken(auth0, { ...badCode, ...parameters })).toEqual(UNAUTHORIZED);
  });

  const bare = { ...badCode, client_id: undefined, client_secret: undefined };

  test("takes form-encoded Basic credentials (RFC 6749 section 2.3.1)", async () => {
    const header = basic("web", encodeURIComponent("s:e%c+r é"));
    expect(await requestToken(auth0, bare, header)).toEqual(BAD_CODE);
  });

  test.each([
    ["a wrong secret", basic("web", "wrong")],
    ["credentials that don't decode", basic("web", "%")],
    ["no colon", { Authorization: `Basic ${Buffer.from("web").toString("base64")}` }],
    ["another scheme", { Authorization: "Bearer web" }],
  ])("refuses a Basic header with %s", async (_name, header) => {
    expect(await requestToken(auth0, bare, header)).toEqual(UNAUTHORIZED);
  });

  test("refuses credentials in two places, and two different clients", async () => {
    const header = basic("web", encodeURIComponent("s:e%c+r é"));
    expect(await requestToken(auth0, badCode, header)).toEqual(UNAUTHORIZED);
    const contradicting = { ...badCode, client_id: "spa", client_secret: undefined };
    expect(await requestToken(auth0, contradicting, header)).toEqual(UNAUTHORIZED);
  });

  test("holds an application to its configured method", async () => {
    expect(await requestToken(auth0, bare, basic("post", "secret"))).toEqual(UNAUTHORIZED);
    expect(await requestToken(auth0, { ...badCode, client_id: "post", client_secret: "secret" })).toEqual(BAD_CODE);
  });

  test("refuses the secret of an application that must not send one, even the right one", async () => {
    const { status, body } = await requestToken(auth0, { ...badCode, client_id: "spa", client_secret: "secret" });
    expect(status).toBe(401);
    expect(body).toMatchObject({ error: "invalid_client" });
    expect(await requestToken(auth0, { ...badCode, client_id: "spa", client_secret: undefined })).toEqual(BAD_CODE);
  });

  test("lets a secret pass that an application is allowed to send for nothing", async () => {
    expect(await requestToken(auth0, { ...badCode, client_id: "lenient" })).toEqual(BAD_CODE);
  });

  test("takes JSON as well, as Auth0 does", async () => {
    const response = await fetch(`${auth0.issuer}oauth/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...badCode, client_id: auth0.clientId, client_secret: auth0.clientSecret }),
    });
    expect({ status: response.status, body: await response.json() }).toEqual(BAD_CODE);
  });
});

describe("/oauth/token answers as JSON", () => {
  test.each([
    ["no grant type", { grant_type: undefined }, 400, "invalid_request"],
    ["an unknown grant type", { grant_type: "password" }, 403, "unsupported_grant_type"],
    ["a name that every object has", { grant_type: "constructor" }, 403, "unsupported_grant_type"],
    ["no code", { grant_type: "authorization_code" }, 400, "invalid_request"],
    ["no refresh token", { grant_type: "refresh_token" }, 400, "invalid_request"],
  ])("%s", async (_name, parameters, status, error) => {
    expect(await requestToken(auth0, parameters)).toMatchObject({ status, body: { error } });
  });

  test("a body that can't be read", async () => {
    const response = await fetch(`${auth0.issuer}oauth/token`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{",
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toContain("application/json");
  });

  test("and tells caches to keep nothing (RFC 6749 section 5.1)", async () => {
    const response = await fetch(`${auth0.issuer}oauth/token`, { method: "POST" });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});

describe("an authorization code", () => {
  async function obtainCode(overrides: Record<string, string> = {}): Promise<{ code: string; pkce: Pkce }> {
    const pkce = createPkce();
    const url = authorizeUrl(auth0, { code_challenge: pkce.challenge, code_challenge_method: "S256", ...overrides });
    return { code: (await new Browser().logIn(url, "alice")).searchParams.get("code") ?? "", pkce };
  }

  function exchange(code: string, parameters: Record<string, string | undefined>) {
    return requestToken(auth0, { grant_type: "authorization_code", code, redirect_uri: CALLBACK, ...parameters });
  }

  test("is good once; a second use ends the refresh token of the first", async () => {
    const { code, pkce } = await obtainCode();
    const first = await exchange(code, { code_verifier: pkce.verifier });
    expect(first.status).toBe(200);
    expect(await exchange(code, { code_verifier: pkce.verifier })).toEqual(BAD_CODE);
    expect(await refresh(auth0, first.body.refresh_token)).toMatchObject({ status: 403 });
  });

  test("is good for the application that asked, and no other", async () => {
    const { code, pkce } = await obtainCode();
    const other = { client_id: "post", client_secret: "secret", code_verifier: pkce.verifier };
    expect(await exchange(code, other)).toEqual(BAD_CODE);
  });

  test("is good for ten minutes", async () => {
    const { code, pkce } = await obtainCode();
    now += 600;
    expect(await exchange(code, { code_verifier: pkce.verifier })).toEqual(BAD_CODE);
  });

  test("needs the callback URL that it went to", async () => {
    const { code, pkce } = await obtainCode();
    for (const redirect_uri of [undefined, `${CALLBACK}/`]) {
      const answer = await exchange(code, { redirect_uri, code_verifier: pkce.verifier });
      expect(answer).toMatchObject({ status: 403, body: { error: "unauthorized_client" } });
    }
  });

  test("needs the verifier of its challenge", async () => {
    const { code } = await obtainCode();
    for (const code_verifier of [undefined, createPkce().verifier]) {
      expect(await exchange(code, { code_verifier })).toEqual({
        status: 403,
        body: { error: "invalid_grant", error_description: "Failed to verify code verifier" },
      });
    }
  });

  test("takes no verifier where there was no challenge", async () => {
    const url = authorizeUrl(auth0);
    const code = (await new Browser().logIn(url, "alice")).searchParams.get("code") ?? "";
    expect((await exchange(code, { code_verifier: createPkce().verifier })).status).toBe(403);
    expect((await exchange(code, {})).status).toBe(200);
  });

  test("gives an id token with the nonce, for the application", async () => {
    const { code, pkce } = await obtainCode({ nonce: "the nonce" });
    const { body } = await exchange(code, { code_verifier: pkce.verifier });
    expect(decodeJwt(body.id_token)).toEqual({
      iss: auth0.issuer,
      aud: "web",
      sub: "auth0|alice",
      nonce: "the nonce",
      name: "Alice",
      nickname: "alice",
      picture: expect.any(String),
      updated_at: expect.any(String),
      email: "alice@example.com",
      email_verified: true,
      sid: expect.any(String),
      iat: now,
      exp: now + 36_000,
      auth_time: now,
    });
  });
});

describe("a login's tokens", () => {
  test("are a JWT for the API and for userinfo, with all permissions whatever was asked", async () => {
    const { body } = await logIn(auth0, "alice", { scope: "openid weather:read admin:all" });
    expect(body).toEqual({
      access_token: expect.any(String),
      id_token: expect.any(String),
      scope: "openid weather:read",
      expires_in: 86_400,
      token_type: "Bearer",
    });
    expect(decodeProtectedHeader(body.access_token)).toEqual({ alg: "RS256", typ: "JWT", kid: expect.any(String) });
    expect(decodeJwt(body.access_token)).toEqual({
      iss: auth0.issuer,
      sub: "auth0|alice",
      aud: ["https://weather.example.com/api", `${auth0.issuer}userinfo`],
      azp: "web",
      scope: "openid weather:read",
      permissions: ["weather:read", "weather:write"],
      iat: now,
      exp: now + 86_400,
      jti: expect.any(String),
    });
  });

  test("are for the API alone without openid, and come without an id token", async () => {
    const { body } = await logIn(auth0, "alice", { scope: "weather:write" });
    expect(decodeJwt(body.access_token)).toMatchObject({ aud: auth0.audience, scope: "weather:write" });
    expect(body).not.toHaveProperty("id_token");
  });

  test.each([
    ["alice", "weather:read weather:write"],
    ["bob", "weather:read"],
    ["carol", ""],
  ])("carry the scopes that %s has permission for: %s", async (username, scope) => {
    const { body } = await logIn(auth0, username, { scope: "weather:read weather:write" });
    expect(body.scope).toBe(scope);
    expect(decodeJwt(body.access_token).permissions).toEqual(scope.split(" ").filter(Boolean));
  });

  test("carry every scope asked for where the API has no RBAC", async () => {
    const { body } = await logIn(auth0, "carol", { audience: "https://open.example.com", scope: "a c" });
    expect(decodeJwt(body.access_token)).toMatchObject({ scope: "a" });
    expect(decodeJwt(body.access_token)).not.toHaveProperty("permissions");
  });

  test("are opaque without an audience", async () => {
    const { body } = await logIn(auth0, "alice", { audience: undefined });
    expect(body.access_token.split(".")).toHaveLength(5);
    expect(decodeProtectedHeader(body.access_token)).toEqual({ alg: "dir", enc: "A256GCM", iss: auth0.issuer });
  });

  test("follow RFC 9068, and the API's own lifetime, where it says so", async () => {
    const { body } = await logIn(auth0, "alice", { audience: "https://rfc9068.example.com" });
    expect(decodeProtectedHeader(body.access_token).typ).toBe("at+jwt");
    expect(decodeJwt(body.access_token)).toMatchObject({ client_id: "web", exp: now + 60 });
    expect(body.expires_in).toBe(60);
  });

  test("include a refresh token with offline_access only", async () => {
    expect((await logIn(auth0, "alice", { scope: "openid" })).body).not.toHaveProperty("refresh_token");
    expect((await logIn(auth0, "alice", { scope: "openid offline_access" })).body).toHaveProperty("refresh_token");
  });

  test("include no refresh token for an API that allows no offline access", async () => {
    const { body } = await logIn(auth0, "alice", { audience: "https://online.example.com" });
    expect(body).not.toHaveProperty("refresh_token");
    expect(body.scope).toBe("openid profile email");
  });
});

describe("client credentials", () => {
  const machine = { grant_type: "client_credentials", client_id: "machine", client_secret: "secret" };
  const audience = "https://weather.example.com/api";

  test("give a machine a token of its own", async () => {
    const { status, body } = await requestToken(auth0, { ...machine, audience });
    expect(status).toBe(200);
    expect(decodeJwt(body.access_token)).toEqual({
      iss: auth0.issuer,
      sub: "machine@clients",
      aud: audience,
      azp: "machine",
      gty: "client-credentials",
      scope: "weather:read weather:write",
      permissions: ["weather:read", "weather:write"],
      iat: now,
      exp: now + 86_400,
      jti: expect.any(String),
    });
    expect(body).not.toHaveProperty("refresh_token");
    expect(body).not.toHaveProperty("id_token");
  });

  test("say nothing of the grant in an RFC 9068 token", async () => {
    const { body } = await requestToken(auth0, { ...machine, audience: "https://rfc9068.example.com" });
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ sub: "machine@clients", client_id: "machine", jti: expect.any(String) });
    expect(claims).not.toHaveProperty("gty");
  });

  test("give no more than the client grant", async () => {
    const { body } = await requestToken(auth0, { ...machine, client_id: "limited", audience });
    expect(body.scope).toBe("weather:read");
  });

  test("give only what was asked for", async () => {
    const { body } = await requestToken(auth0, { ...machine, audience, scope: "weather:write other" });
    expect(body.scope).toBe("weather:write");
  });

  test.each([
    ["no audience", { audience: undefined }, 400, "invalid_request"],
    ["an unknown audience", { audience: "https://x" }, 403, "access_denied"],
    [
      "an API without a client grant",
      { audience: "https://open.example.com", client_id: "limited" },
      403,
      "access_denied",
    ],
    ["a web application without a client grant", { client_id: "post" }, 403, "access_denied"],
    ["a public application", { client_id: "spa", client_secret: undefined }, 403, "unauthorized_client"],
  ])("are refused for %s", async (_name, parameters, status, error) => {
    expect(await requestToken(auth0, { ...machine, audience, ...parameters })).toMatchObject({
      status,
      body: { error },
    });
  });

  test("don't make a machine a web application", async () => {
    const answer = await requestToken(auth0, { ...machine, ...badCode });
    expect(answer).toMatchObject({ status: 403, body: { error: "unauthorized_client" } });
  });
});
