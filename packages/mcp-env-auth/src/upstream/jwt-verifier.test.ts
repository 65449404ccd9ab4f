import { type DevAuth0, type DevAuth0Options, type IssueAccessTokenOptions, startDevAuth0 } from "dev-auth0";
import { exportSPKI, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { silentLogger } from "../logger.ts";
import { createRemoteKeys } from "./jwks.ts";
import { asymmetricAlgorithms } from "./jwt-algorithms.ts";
import { createJwtVerifier, type JwtVerifierOptions } from "./jwt-verifier.ts";
import { createSigner, type Signer } from "./testing/signer.ts";
import { loginWithCode, newLogin, startAuth0 } from "./testing/upstream-client.ts";
import { UpstreamTokenError, type UpstreamTokenFault } from "./upstream-token.ts";
import { sharedSecret, type VerificationKeys } from "./verification-keys.ts";

const NOW = 1_800_000_000;
let now = NOW;
const clock = () => now;
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({ clock } satisfies DevAuth0Options);
});
afterAll(() => auth0.close());
beforeEach(() => {
  now = NOW;
});

function createVerifier(options: Partial<JwtVerifierOptions> = {}) {
  return createJwtVerifier({
    issuer: auth0.issuer,
    audience: auth0.audience,
    algorithms: asymmetricAlgorithms(["HS256", "RS256", "PS256"]),
    keys: createRemoteKeys({ jwksUri: `${auth0.issuer}.well-known/jwks.json`, clock, logger: silentLogger }),
    audienceVariable: "FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE",
    clientId: auth0.clientId,
    clock,
    ...options,
  });
}

async function verify(token: IssueAccessTokenOptions | string, options: Partial<JwtVerifierOptions> = {}) {
  return createVerifier(options).verify(typeof token === "string" ? token : await auth0.issueAccessToken(token));
}

async function expectFault(
  fault: UpstreamTokenFault,
  token: IssueAccessTokenOptions | string,
  options: Partial<JwtVerifierOptions> = {},
): Promise<UpstreamTokenError> {
  const error = await verify(token, options).then(
    () => expect.fail("the token was accepted"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UpstreamTokenError);
  expect(error).toMatchObject({ fault });
  return error as UpstreamTokenError;
}

/** `token` with its header or claims put together anew, under the old signature. */
function tampered(token: string, part: 0 | 1, changes: Record<string, unknown>): string {
  const parts = token.split(".");
  const content = JSON.parse(Buffer.from(parts[part] ?? "", "base64url").toString());
  parts[part] = Buffer.from(JSON.stringify({ ...content, ...changes })).toString("base64url");
  return parts.join(".");
}

describe("Security rule 8: a good token", () => {
  it("is Auth0's", async () => {
    const token = await auth0.issueAccessToken({ user: "alice" });
    expect(await verify(token)).toEqual({
      subject: "auth0|alice",
      clientId: auth0.clientId,
      expiresAt: NOW + 86_400,
      scopes: ["openid", "weather:read", "weather:write"],
      claims: expect.objectContaining({ iss: auth0.issuer, sub: "auth0|alice", azp: auth0.clientId }),
    });
  });

  it.each(["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/JWT", undefined])(
    "may be of type %s",
    async (typ) => {
      await verify({ header: { typ } });
    },
  );

  it.each([
    ["an array with ours among others", (own: string) => [`${auth0.issuer}userinfo`, own]],
    ["a string", (own: string) => own],
  ])("may have as audience %s", async (_title, aud) => {
    await verify({ claims: { aud: aud(auth0.audience) } });
  });

  it("may be of any of several issuers and audiences", async () => {
    await verify({}, { issuer: ["https://other.example/", auth0.issuer], audience: ["other", auth0.audience] });
  });

  it("is that of a machine too", async () => {
    const machine = await verify(await auth0.issueMachineToken());
    expect(machine.subject).toBe("dev-auth0-machine@clients");
  });

  it.each(["RS256", "PS256", "ES256", "ES384", "EdDSA"])("may be signed with %s where that is listed", async (alg) => {
    const signer = await createSigner("one", alg);
    const token = await signer.sign({ iss: auth0.issuer, aud: auth0.audience, sub: "a", exp: NOW + 60 });
    await verify(token, { algorithms: asymmetricAlgorithms([alg]), keys: keysOf(signer) });
  });
});

describe("Security rule 8: algorithms", () => {
  it("refuses a token that is not signed: none", async () => {
    await expectFault("algorithm", { algorithm: "none" });
  });

  it.each(["NONE", "None", "nOnE", "", undefined, 5])("refuses a token that calls itself %s", async (alg) => {
    const token = tampered(await auth0.issueAccessToken(), 0, { alg });
    await expectFault("algorithm", token);
  });

  it("refuses HS256 with the public key as the secret", async () => {
    const error = await expectFault("algorithm", { algorithm: "HS256" });
    expect(error.message).toContain("RS256");
  });

  it("refuses HS256 with the public key as the secret of a public key in PEM form", async () => {
    const signer = await createSigner("one", "RS256");
    const secret = new TextEncoder().encode(await exportSPKI(signer.publicKey));
    const forged = await new SignJWT({ iss: auth0.issuer, aud: auth0.audience, sub: "a", exp: NOW + 60 })
      .setProtectedHeader({ alg: "HS256" })
      .sign(secret);
    await expectFault("algorithm", forged, { algorithms: ["RS256"], keys: keysOf(signer) });
  });

  it("refuses an algorithm that the key could have but the provider does not list", async () => {
    const signer = await createSigner("one", "RS512");
    const token = await signer.sign({ iss: auth0.issuer, aud: auth0.audience, sub: "a", exp: NOW + 60 });
    await expectFault("algorithm", token, { keys: keysOf(signer) });
  });

  it("refuses a header that names another algorithm of the list than the key's", async () => {
    await expectFault("unknown_key", tampered(await auth0.issueAccessToken(), 0, { alg: "PS256" }));
  });

  it.each([[["HS256"]], [["none"]], [["RS256", "HS256"]], [["RS1"]], [[]]])("is not made for %j", (algorithms) => {
    expect(() => createVerifier({ algorithms })).toThrow(ConfigError);
  });

  it("takes HMAC only with a shared secret, and nothing else with it", async () => {
    const keys = sharedSecret("a secret of at least thirty-two bytes", "FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY");
    expect(() => createVerifier({ algorithms: ["RS256"], keys })).toThrow(ConfigError);
    const token = await new SignJWT({ iss: auth0.issuer, aud: auth0.audience, sub: "a", exp: NOW + 60 })
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode("a secret of at least thirty-two bytes"));
    expect((await verify(token, { algorithms: ["HS256"], keys })).subject).toBe("a");
    await expectFault("signature", tampered(token, 1, { sub: "b" }), { algorithms: ["HS256"], keys });
  });

  it.each([
    [
      ["HS256", "RS256", "PS256"],
      ["RS256", "PS256"],
    ],
    [["none", "HS512"], ["RS256"]],
    [[], ["RS256"]],
  ])("of %j allows %j", (listed, allowed) => {
    expect(asymmetricAlgorithms(listed)).toEqual(allowed);
  });
});

describe("Security rule 8: the signature", () => {
  it("refuses tampered claims", async () => {
    const token = await auth0.issueAccessToken({ user: "bob" });
    await expectFault("signature", tampered(token, 1, { sub: "auth0|alice" }));
  });

  it("refuses a tampered header", async () => {
    await expectFault("signature", tampered(await auth0.issueAccessToken(), 0, { typ: "at+jwt" }));
  });

  it("refuses a signature that was cut off", async () => {
    const [header, claims] = (await auth0.issueAccessToken()).split(".");
    await expectFault("signature", `${header}.${claims}.`);
  });

  it("refuses another key under a known kid", async () => {
    await expectFault("signature", { key: "unpublished", header: { kid: await publishedKid() } });
  });

  it("refuses a key that the provider does not publish", async () => {
    await expectFault("unknown_key", { key: "unpublished" });
  });

  it("never takes a key from the token", async () => {
    const forger = await createSigner("forged", "RS256");
    const claims = { iss: auth0.issuer, aud: auth0.audience, sub: "a", exp: NOW + 60 };
    await expectFault("unknown_key", await forger.sign(claims, { jwk: forger.jwk }));
    await expectFault("unknown_key", await forger.sign(claims, { jku: "https://forger.example/jwks" }));
    await expectFault("signature", await forger.sign(claims, { jwk: forger.jwk, kid: await publishedKid() }));
    await expectFault("signature", await forger.sign(claims, { kid: undefined }));
  });

  it("refuses extensions that are critical", async () => {
    await expectFault("malformed", tampered(await auth0.issueAccessToken(), 0, { crit: ["exp"] }));
    await expectFault("malformed", { header: { crit: ["b64"], b64: true } });
    await expectFault("malformed", tampered(await auth0.issueAccessToken(), 0, { crit: [] }));
  });
});

describe("Security rule 8: the issuer is exact", () => {
  it.each([
    ["another tenant", () => "https://another-tenant.auth0.example/"],
    ["no slash", () => auth0.issuer.slice(0, -1)],
    ["two slashes", () => `${auth0.issuer}/`],
    ["another case", () => auth0.issuer.toUpperCase()],
    ["an array with the right one", () => [auth0.issuer]],
    ["nothing", () => undefined],
  ])("refuses %s", async (_title, iss) => {
    const error = await expectFault("issuer", { claims: { iss: iss() } });
    expect(error.message).toContain(auth0.issuer);
  });

  it("refuses one with a slash where the expected one has none", async () => {
    const token = await auth0.issueAccessToken();
    await expectFault("issuer", token, { issuer: auth0.issuer.slice(0, -1) });
  });

  it("is checked after the signature, too: claims that were not signed decide nothing", async () => {
    const token = await auth0.issueAccessToken({ claims: { iss: "https://another-tenant.auth0.example/" } });
    await expectFault("signature", tampered(token, 1, { iss: auth0.issuer }));
  });
});

describe("Security rule 8: the audience", () => {
  it.each([
    ["another API", "https://another.example/api"],
    ["an array of others", ["https://another.example/api", "x"]],
    ["part of it", "https://weather.example.com"],
    ["a longer one", "https://weather.example.com/api/"],
    ["an empty array", []],
    ["an object", { "https://weather.example.com/api": true }],
    ["nothing", undefined],
  ])("refuses %s", async (_title, aud) => {
    const error = await expectFault("audience", { claims: { aud } });
    expect(error.message).toContain("FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE");
    expect(error.message).toContain(auth0.audience);
  });

  it("is any where none is expected", async () => {
    await verify({ claims: { aud: "https://another.example/api" } }, { audience: undefined });
  });
});

describe("Security rule 8: times", () => {
  it.each([
    ["missing", undefined, "is missing"],
    ["a string", String(NOW + 60), "is not a point in time"],
    ["null", null, "is not a point in time"],
  ])("refuses an exp that is %s", async (_title, exp, found) => {
    const error = await expectFault("claims", { claims: { exp } });
    expect(error.message).toContain(`exp claim ${found}`);
  });

  it("refuses an exp without an end", async () => {
    const signer = await createSigner("one");
    const claims = { iss: auth0.issuer, aud: auth0.audience, sub: "a", exp: 1e300 };
    await expectFault("claims", await signer.sign(claims), { algorithms: ["ES256"], keys: keysOf(signer) });
  });

  it("allows 60 s after exp, and no more", async () => {
    const token = await auth0.issueAccessToken({ expiresIn: 100 });
    now = NOW + 159;
    await verify(token);
    now = NOW + 160;
    await expectFault("expired", token);
  });

  it("allows 60 s before nbf, and no more", async () => {
    const token = await auth0.issueAccessToken({ claims: { nbf: NOW + 100 } });
    now = NOW + 40;
    await verify(token);
    now = NOW + 39;
    await expectFault("not_yet_valid", token);
  });

  it("allows 60 s before iat, and no more", async () => {
    const token = await auth0.issueAccessToken({ claims: { iat: NOW + 100 } });
    now = NOW + 40;
    await verify(token);
    now = NOW + 39;
    await expectFault("not_yet_valid", token);
  });

  it.each(["nbf", "iat"])("refuses a %s that is no time", async (claim) => {
    await expectFault("claims", { claims: { [claim]: "now" } });
  });
});

describe("Security rule 8: other tokens", () => {
  it("refuses the id token of a login, whatever the audience is", async () => {
    const { auth0: tenant, client } = await startAuth0();
    const { code, codeVerifier, redirectUri } = await loginWithCode(client, newLogin(["openid"]));
    const response = await fetch(client.metadata.tokenEndpoint, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: tenant.clientId,
        client_secret: tenant.clientSecret,
        redirect_uri: redirectUri,
        code_verifier: codeVerifier,
        code,
      }),
    });
    const { id_token: idToken } = (await response.json()) as { id_token: string };
    expect(idToken).toMatch(/^ey/);
    const options = {
      issuer: tenant.issuer,
      keys: createRemoteKeys({
        jwksUri: `${tenant.issuer}.well-known/jwks.json`,
        clock: () => Date.now() / 1000,
        logger: silentLogger,
      }),
      clock: () => Date.now() / 1000,
    };
    await expectFault("type", idToken, { ...options, audience: tenant.clientId });
    await expectFault("type", idToken, { ...options, audience: tenant.audience });
    await expectFault("type", idToken, { ...options, audience: undefined, clientId: undefined });
  });

  it.each([
    ["at_hash, for our client", { at_hash: "x", aud: "dev-auth0-client" }],
    ["c_hash, for our client among others", { c_hash: "x", aud: ["api", "dev-auth0-client"] }],
    ["token_use id (Cognito)", { token_use: "id" }],
    ["token_use refresh", { token_use: "refresh" }],
    ["typ ID (Keycloak)", { typ: "ID" }],
    ["typ Refresh (Keycloak)", { typ: "Refresh" }],
  ])("refuses one with %s", async (_title, claims) => {
    await expectFault("type", { claims }, { audience: undefined });
  });

  it.each([
    ["a nonce, for our API alone", { nonce: "x" }, {}],
    ["a nonce and typ Bearer (Keycloak before 24)", { nonce: "x", typ: "Bearer", aud: "dev-auth0-client" }, {}],
    ["token_use access (Cognito)", { token_use: "access" }, {}],
    ["a nonce and the type at+jwt", { nonce: "x", aud: "dev-auth0-client" }, { typ: "at+jwt" }],
  ])("accepts an access token with %s", async (_title, claims, header) => {
    await verify({ claims, header }, { audience: [auth0.audience, "dev-auth0-client"] });
  });

  it.each(["logout+jwt", "dpop+jwt", "oauth-id-jag+jwt", "secevent+jwt", "application/x", "", 5])(
    "refuses one of type %s",
    async (typ) => {
      await expectFault("type", tampered(await auth0.issueAccessToken(), 0, { typ }));
    },
  );

  it("says of an opaque token what to set", async () => {
    const error = await expectFault("opaque", "v1.local-opaque");
    expect(error.message).toContain("FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE");
    expect(error.message).toContain("opaque");
    await expectFault("opaque", "");
  });

  it("says of an encrypted token, which Auth0 issues without an audience, what to set", async () => {
    const { client } = await startAuth0({ audience: undefined });
    const { accessToken } = await client.exchangeCode(await loginWithCode(client, newLogin(["openid"])));
    const error = await expectFault("opaque", accessToken);
    expect(error.message).toContain("FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE");
    expect(accessToken.split(".")).toHaveLength(5);
    expect(error.message).toContain("encrypted");
  });

  it.each(["a.b.c", "..", "eyJhbGciOiJSUzI1NiJ9.e30.", "eyJhbGciOiJSUzI1NiJ9..x", "bnVsbA.bnVsbA.x", "€.€.€"])(
    "refuses what only looks like a JWT: %s",
    async (token) => {
      const error = await verify(token, { issuer: undefined }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(UpstreamTokenError);
    },
  );

  it("refuses a huge token before it reads it", async () => {
    const error = await expectFault("malformed", `${await auth0.issueAccessToken()}${"A".repeat(33_000)}`);
    expect(error.message).toContain("longer than");
  });

  it("never repeats a token, nor anything in it that could break a header or a log line", async () => {
    const token = await auth0.issueAccessToken({ claims: { aud: 'x"\r\nSet-Cookie: a=b\\' } });
    const { message } = await expectFault("audience", token);
    expect(message).toMatch(/^[\x20-\x7e]+$/);
    expect(message).not.toMatch(/["\\]/);
    expect(message).not.toContain(token.split(".")[2]);
  });
});

it.each([undefined, [], "", null, [""]])("says that a token with aud %j names no audience", async (aud) => {
  const token = tampered(await auth0.issueAccessToken(), 1, { aud });
  const { message } = await expectFault("audience", token);
  expect(message).toContain("names no audience");
  expect(message).toContain("FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE");
});

function keysOf(signer: Signer): VerificationKeys {
  return { kind: "public", find: async () => [signer.publicKey] };
}

async function publishedKid(): Promise<string> {
  const response = await fetch(`${auth0.issuer}.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  return keys[0]?.kid ?? "";
}

describe("a key that the provider has not published", () => {
  const keys = (fetchedAt: number): VerificationKeys => ({
    kind: "public",
    find: async () => [],
    fetchedAt: () => fetchedAt,
  });

  it("is no verdict on a token that is younger than the keys: its key may have come since", async () => {
    const token = await auth0.issueAccessToken({ key: "unpublished", claims: { iat: NOW } });
    await expect(createVerifier({ keys: keys(NOW - 1) }).verify(token)).rejects.toMatchObject({ kind: "unavailable" });
    await expectFault("unknown_key", token, { keys: keys(NOW) });
    await expectFault("unknown_key", token, { keys: keys(NOW + 1) });
  });

  it("is no verdict on a token without iat, unless the keys were fetched since it arrived", async () => {
    const token = await auth0.issueAccessToken({ key: "unpublished", claims: { iat: undefined } });
    await expect(createVerifier({ keys: keys(NOW - 1) }).verify(token)).rejects.toMatchObject({ kind: "unavailable" });
    await expectFault("unknown_key", token, { keys: keys(NOW) });
  });

  it.each([
    ["a fraction, younger than the keys", NOW - 0.5, "unavailable"],
    ["a fraction, older than the keys", NOW - 1.5, "unknown_key"],
    ["negative", -NOW, "unknown_key"],
    ["zero", 0, "unknown_key"],
    ["an hour from now", NOW + 3600, "not_yet_valid"],
    ["huge", 1e300, "not_yet_valid"],
    ["a text", String(NOW), "claims"],
    ["an empty text", "", "claims"],
    ["null", null, "claims"],
    ["a list", [NOW], "claims"],
    ["true", true, "claims"],
  ])("is judged by an iat that is %s", async (_what, iat, expected) => {
    const token = tampered(await auth0.issueAccessToken({ key: "unpublished" }), 1, { iat });
    const error: unknown = await verify(token, { keys: keys(NOW - 1) }).catch((reason: unknown) => reason);
    expect(error).toMatchObject(expected === "unavailable" ? { kind: expected } : { fault: expected });
  });

  it("is no verdict on a token that the provider has issued just now", async () => {
    const token = await auth0.issueAccessToken({ key: "unpublished" });
    const verdict = createVerifier({ keys: keys(NOW + 1) }).verify(token, { isNew: true });
    await expect(verdict).rejects.toMatchObject({ kind: "unavailable" });
  });

  it("is not asked for on account of a token for another issuer or audience, or of another time", async () => {
    let asked = 0;
    const counting: VerificationKeys = {
      kind: "public",
      find: async () => {
        asked++;
        return [];
      },
      fetchedAt: () => NOW,
    };
    await expectFault("audience", { claims: { aud: "https://other.example" } }, { keys: counting });
    await expectFault("issuer", { claims: { iss: "https://other.example" } }, { keys: counting });
    await expectFault("not_yet_valid", { claims: { iat: NOW + 3600 } }, { keys: counting });
    await expectFault("expired", { claims: { exp: NOW - 3600 } }, { keys: counting });
    expect(asked).toBe(0);
  });
});
