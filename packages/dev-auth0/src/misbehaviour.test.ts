import { connect } from "node:net";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AccessTokenFault, type DevAuth0, type IdTokenFault, startDevAuth0 } from "./index.ts";
import { authorizeUrl, Browser, CALLBACK, locationOf, logIn, refresh, requestToken } from "./testing/browser.ts";

const now = 1_800_000_000;
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({ clock: () => now });
});

afterEach(() => auth0.restore());

afterAll(() => auth0.close());

const userinfoUrl = () => `${auth0.issuer}userinfo`;
const jwksUrl = () => `${auth0.issuer}.well-known/jwks.json`;

describe("an endpoint can", () => {
  test("be down: the connection is cut without an answer", async () => {
    auth0.misbehave({ token: "down" });
    await expect(requestToken(auth0, {})).rejects.toThrow("fetch failed");
    expect((await fetch(auth0.configUrl)).status).toBe(200);
  });

  test("hang: no answer comes", async () => {
    auth0.misbehave({ jwks: "hanging" });
    await expect(fetch(jwksUrl(), { signal: AbortSignal.timeout(200) })).rejects.toThrow("timeout");
  });

  test("be half-open: the answer begins and does not end", async () => {
    auth0.misbehave({ discovery: "half-open" });
    const response = await fetch(auth0.configUrl, { signal: AbortSignal.timeout(200) });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test("carry out the request and lose the answer", async () => {
    const { body } = await logIn(auth0, "alice");
    auth0.misbehave({ token: "answer-lost", refreshToken: "without-leeway" });
    await expect(refresh(auth0, body.refresh_token)).rejects.toThrow("fetch failed");
    auth0.misbehave({ token: undefined });
    expect((await refresh(auth0, body.refresh_token)).status).toBe(403);
  });

  test("answer a web page", async () => {
    auth0.misbehave({ discovery: "html" });
    const response = await fetch(auth0.configUrl);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
  });

  test("be slow", async () => {
    auth0.misbehave({ jwks: { delay: 60_000 } });
    await expect(fetch(jwksUrl(), { signal: AbortSignal.timeout(200) })).rejects.toThrow("timeout");
    auth0.misbehave({ jwks: { delay: 1 } });
    expect((await fetch(jwksUrl())).status).toBe(200);
  });

  test("answer any status, with headers", async () => {
    auth0.misbehave({ userinfo: { status: 429, headers: { "Retry-After": "7" } }, discovery: { status: 404 } });
    const response = await fetch(userinfoUrl());
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("7");
    expect((await fetch(auth0.configUrl)).status).toBe(404);
  });

  test("misbehave like all others, unless it has its own fault", async () => {
    auth0.misbehave({ everywhere: { status: 500 }, jwks: { status: 418 } });
    expect((await fetch(auth0.configUrl)).status).toBe(500);
    expect((await fetch(jwksUrl())).status).toBe(418);
    auth0.misbehave({ everywhere: undefined });
    expect((await fetch(auth0.configUrl)).status).toBe(200);
    expect((await fetch(jwksUrl())).status).toBe(418);
  });
});

describe("the discovery document can", () => {
  test("have another issuer, and lack fields", async () => {
    auth0.misbehave({ discovery: { metadata: { issuer: "https://x/", token_endpoint: undefined } } });
    const document = await (await fetch(auth0.configUrl)).json();
    expect(document).toMatchObject({ issuer: "https://x/", jwks_uri: jwksUrl() });
    expect(document).not.toHaveProperty("token_endpoint");
  });
});

describe("an OAuth endpoint can refuse", () => {
  test("at /authorize, by the callback URL", async () => {
    auth0.misbehave({ authorize: { error: "access_denied", description: "no" } });
    const url = authorizeUrl(auth0);
    const location = locationOf(await new Browser().get(url), url);
    expect(location.href).toBe(`${CALLBACK}?error=access_denied&error_description=no&state=the+state`);
  });

  test.each([
    [{ error: "invalid_grant" }, 403],
    [{ error: "invalid_client", status: 401 }, 401],
  ])("at /oauth/token: %j", async (fault, status) => {
    auth0.misbehave({ token: fault });
    expect(await requestToken(auth0, {})).toMatchObject({ status, body: { error: fault.error } });
  });

  test("at /oauth/revoke", async () => {
    auth0.misbehave({ revoke: { error: "invalid_client", status: 401 } });
    expect((await fetch(`${auth0.issuer}oauth/revoke`, { method: "POST" })).status).toBe(401);
  });
});

describe("access tokens can be", () => {
  async function faulty(accessToken: AccessTokenFault): Promise<string> {
    auth0.misbehave({ accessToken });
    return (await logIn(auth0, "alice")).body.access_token;
  }

  async function verify(token: string) {
    return jwtVerify(token, createRemoteJWKSet(new URL(jwksUrl())), {
      issuer: auth0.issuer,
      audience: auth0.audience,
      algorithms: ["RS256"],
      requiredClaims: ["exp"],
      currentDate: new Date(now * 1000),
    });
  }

  test("good, which the others are measured against", async () => {
    await expect(verify((await logIn(auth0, "alice")).body.access_token)).resolves.toBeDefined();
  });

  test.each([
    ["wrong-issuer", 'unexpected "iss" claim value'],
    ["wrong-audience", 'unexpected "aud" claim value'],
    ["expired", '"exp" claim timestamp check failed'],
    ["not-yet-valid", '"nbf" claim timestamp check failed'],
    ["without-expiry", 'missing required "exp" claim'],
    ["unpublished-key", "no applicable key found in the JSON Web Key Set"],
    ["alg-none", '"alg" (Algorithm) Header Parameter value not allowed'],
    ["hs256", '"alg" (Algorithm) Header Parameter value not allowed'],
    ["opaque", "Invalid Compact JWS"],
  ] as const)("%s", async (fault, message) => {
    await expect(verify(await faulty(fault))).rejects.toThrow(message);
  });

  test("signed by the public key as a secret, so that a careless verifier takes them", async () => {
    const token = await faulty("hs256");
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "HS256", kid: expect.any(String) });
  });

  test("without permissions, and otherwise good", async () => {
    const { payload } = await verify(await faulty("without-permissions"));
    expect(payload).toMatchObject({ scope: "openid", permissions: [] });
  });

  test("anything else, by claims and header", async () => {
    const token = await faulty({ claims: { sub: undefined, extra: 1 }, header: { typ: undefined, kid: "other" } });
    expect(decodeJwt(token)).toMatchObject({ extra: 1 });
    expect(decodeJwt(token)).not.toHaveProperty("sub");
    expect(decodeProtectedHeader(token)).toEqual({ alg: "RS256", kid: "other" });
  });
});

describe("id tokens can", () => {
  async function faulty(idToken: IdTokenFault): Promise<string> {
    auth0.misbehave({ idToken });
    return (await logIn(auth0, "alice", { nonce: "the nonce" })).body.id_token;
  }

  test.each([
    ["wrong-nonce", { nonce: expect.not.stringMatching("the nonce") }],
    ["wrong-issuer", { iss: "https://another-tenant.auth0.example/" }],
    ["wrong-audience", { aud: "another-client" }],
    ["expired", { exp: expect.closeTo(1_800_000_000 - 3600) }],
  ] as const)("have %s", async (fault, claims) => {
    expect(decodeJwt(await faulty(fault))).toMatchObject(claims);
  });

  test("be signed by a key that is not published", async () => {
    const keys = createRemoteJWKSet(new URL(jwksUrl()));
    await expect(jwtVerify(await faulty("unpublished-key"), keys)).rejects.toThrow("no applicable key");
  });

  test("be missing", async () => {
    expect(await faulty("missing")).toBeUndefined();
  });
});

describe("refresh tokens can", () => {
  test("be withheld, at the login and at a refresh", async () => {
    const { body } = await logIn(auth0, "alice");
    auth0.misbehave({ refreshToken: "none" });
    expect((await refresh(auth0, body.refresh_token)).body).not.toHaveProperty("refresh_token");
    expect((await logIn(auth0, "alice")).body).not.toHaveProperty("refresh_token");
  });

  test("end at once when they are rotated", async () => {
    auth0.misbehave({ refreshToken: "without-leeway" });
    const { body } = await logIn(auth0, "alice");
    expect((await refresh(auth0, body.refresh_token)).status).toBe(200);
    expect((await refresh(auth0, body.refresh_token)).status).toBe(403);
  });
});

describe("the tenant can", () => {
  async function kids(): Promise<unknown[]> {
    const { keys } = (await (await fetch(jwksUrl())).json()) as { keys: { kid: unknown }[] };
    return keys.map(({ kid }) => kid);
  }

  test("rotate its keys: the new one signs, and the old one is gone", async () => {
    const [before] = await kids();
    await auth0.rotateKeys();
    const after = await kids();
    expect(after).toEqual([expect.not.stringMatching(String(before))]);
    expect(decodeProtectedHeader(await auth0.issueAccessToken()).kid).toBe(after[0]);
  });

  test("rotate its keys and keep the old one published", async () => {
    const [before] = await kids();
    await auth0.rotateKeys({ keepPrevious: true });
    const after = await kids();
    expect(after).toHaveLength(2);
    expect(after).toContain(before);
    expect(decodeProtectedHeader(await auth0.issueAccessToken()).kid).not.toBe(before);
  });

  test("refuse connections, and come back at the same port with everything it knew", async () => {
    const { body } = await logIn(auth0, "alice");
    await auth0.goOffline();
    const refused = new Promise((resolve) => connect(auth0.port, "127.0.0.1").once("error", resolve));
    expect(await refused).toMatchObject({ code: "ECONNREFUSED" });
    await auth0.restore();
    expect((await refresh(auth0, body.refresh_token)).status).toBe(200);
  });

  test("close while requests hang", async () => {
    const other = await startDevAuth0();
    other.misbehave({ everywhere: "hanging" });
    const request = fetch(other.configUrl).catch((error: Error) => error.message);
    while (other.requests.length === 0) {
      await new Promise(setImmediate);
    }
    await other.close();
    expect(await request).toBe("fetch failed");
    await other.close();
  });
});
