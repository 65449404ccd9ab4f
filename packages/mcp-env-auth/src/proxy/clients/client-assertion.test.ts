import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ASSERTION_TYPE } from "../../upstream/token-endpoint-auth.ts";
import {
  assertionParameters,
  type ClientKey,
  createClientKey,
  createCostlyClientKey,
} from "../testing/client-assertion.ts";
import { type Answer, McpClient, postForm, REDIRECT_URI, register } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { VARIABLES } from "../testing/proxy-server.ts";
import { type PublicJwk, sealToken } from "../tokens/sealed-tokens.ts";
import { createClientKeyring } from "../tokens/token-keys.ts";
import { createAssertionVerifier } from "./client-assertion.ts";
import { type DocumentHost, startDocumentHost } from "./documents/testing/document-host.ts";

const fixture = useProxy();
const CLIENT = { redirectUris: [REDIRECT_URI], authMethods: ["private_key_jwt"] } as const;
const KEYS = "https://keys.example.com/jwks.json";
let host: DocumentHost;
let key: ClientKey;
let client: McpClient;

beforeAll(async () => {
  host = await startDocumentHost();
  key = await createClientKey();
});
beforeEach(async () => {
  host.documents.clear();
  host.documents.set(KEYS, key.jwks);
  host.requested.length = 0;
  fixture.server.restart({ fetchClientDocument: host.fetch });
  client = await registerWith({ jwks: key.jwks });
});
afterAll(() => host.close());

function registerWith(metadata: Record<string, unknown>): Promise<McpClient> {
  return McpClient.register(fixture.server, { token_endpoint_auth_method: "private_key_jwt", ...metadata });
}

/** `undefined` takes a claim away. */
function claims(changes: Readonly<Record<string, unknown>> = {}): JWTPayload {
  const now = fixture.clock.now();
  return {
    iss: client.id,
    sub: client.id,
    aud: `${fixture.server.address}/token`,
    iat: now,
    exp: now + 60,
    jti: crypto.randomUUID(),
    ...changes,
  };
}

/** Whom the token endpoint took the client for: `invalid_grant` comes after authentication. */
function send(parameters: Record<string, string | undefined>, headers: Record<string, string> = {}): Promise<Answer> {
  const url = new URL("/token", fixture.server.address);
  return postForm(url, { grant_type: "refresh_token", refresh_token: "none", ...parameters }, headers);
}

async function outcomeOf(assertion: string, parameters: Record<string, string | undefined> = {}): Promise<unknown> {
  const { body } = await send({ client_id: client.id, ...assertionParameters(assertion), ...parameters });
  return body.error;
}

describe("private_key_jwt", () => {
  it("tries three keys of a client, and the one that an assertion names wherever it stands", async () => {
    const keys = await Promise.all(["a", "b", "c", "d"].map((kid) => createClientKey("ES256", kid)));
    client = await registerWith({ jwks: { keys: keys.map(({ publicJwk }) => publicJwk) } });
    const outcomes = [];
    for (const { sign } of keys) {
      outcomes.push(await outcomeOf(await sign(claims(), { kid: undefined })));
      outcomes.push(await outcomeOf(await sign(claims())));
    }
    expect(outcomes).toEqual([...Array(6).fill("invalid_grant"), "invalid_client", "invalid_grant"]);
    const { body } = await send({
      client_id: client.id,
      ...assertionParameters(await (keys[3] as ClientKey).sign(claims(), { kid: undefined })),
    });
    expect(body.error_description).toContain("Name its key by kid: only 3 keys are tried.");
  });

  it("authenticates a client that registered its keys through login, refresh and revocation", async () => {
    const redirect = await client.authorize();
    const sign = async () => assertionParameters(await key.sign(claims()));
    const redeemed = await client.redeem(redirect.searchParams.get("code") ?? "", await sign());
    expect(redeemed.status).toBe(200);
    const refreshed = await client.refresh(String(redeemed.body.refresh_token), await sign());
    expect(refreshed.status).toBe(200);
    const url = new URL("/revoke", fixture.server.address);
    const token = String(refreshed.body.refresh_token);
    const forRevocation = await key.sign(claims({ aud: url.href }));
    expect((await postForm(url, { token, ...assertionParameters(forRevocation) })).status).toBe(200);
    const after = await client.refresh(token, await sign());
    expect(after.body.error).toBe("invalid_grant");
  });

  it("is registered with jwks, of which only the public parts that verify are kept", async () => {
    const { body } = await register(fixture.server, {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      jwks: { keys: [{ ...key.publicJwk, x5c: ["certificate"], note: "x" }, { kty: "future" }] },
    });
    expect(body).toMatchObject({
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      jwks: key.jwks,
    });
    expect(body).not.toHaveProperty("client_secret");
    expect(String(body.client_id).length).toBeLessThan(2600);
  });

  it("is registered with jwks_uri, which is fetched when it is needed", async () => {
    client = await registerWith({ jwks_uri: KEYS });
    expect(host.requested).toEqual([]);
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_grant");
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_grant");
    expect(host.requested).toEqual([KEYS]);
  });

  it.each([
    ["no keys", {}],
    ["keys in two places", { jwks: { keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] }, jwks_uri: KEYS }],
    ["an empty set", { jwks: { keys: [] } }],
    ["no set", { jwks: [] }],
    ["a symmetric key", { jwks: { keys: [{ kty: "oct", k: "c2VjcmV0" }] } }],
    ["a private key", { jwks: { keys: [{ kty: "EC", crv: "P-256", x: "a", y: "b", d: "c" }] } }],
    ["keys for encryption only", { jwks: { keys: [{ kty: "RSA", n: "AQAB", e: "AQAB", use: "enc" }] } }],
    ["a jwks_uri on http", { jwks_uri: "http://keys.example.com/jwks.json" }],
    ["a jwks_uri at a private address", { jwks_uri: "https://10.0.0.1/jwks.json" }],
    ["an RSA key of 8192 bits", { jwks: { keys: [{ kty: "RSA", n: "A".repeat(1366), e: "AQAB" }] } }],
    ["an RSA key with a long exponent", { jwks: { keys: [{ kty: "RSA", n: "A".repeat(342), e: "A".repeat(342) }] } }],
    ["a symmetric algorithm", { jwks_uri: KEYS, token_endpoint_auth_signing_alg: "HS256" }],
    ["no algorithm", { jwks_uri: KEYS, token_endpoint_auth_signing_alg: "none" }],
  ])("is not registered with %s", async (_what, metadata) => {
    const { status, body } = await register(fixture.server, {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "private_key_jwt",
      ...metadata,
    });
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"]);
  });

  it("is not registered with keys that don't fit into a client id, and the answer says what does", async () => {
    const rsa = await Promise.all(Array.from({ length: 6 }, (_, n) => createClientKey("RS256", `key-${n}`)));
    const { status, body } = await register(fixture.server, {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: rsa.map(({ publicJwk }) => publicJwk) },
    });
    expect([status, body.error]).toEqual([400, "invalid_client_metadata"]);
    expect(body.error_description).toContain("jwks_uri");
  });

  it("names the client by itself, without client_id (RFC 7521 section 4.2)", async () => {
    const { body } = await send(assertionParameters(await key.sign(claims())));
    expect(body.error).toBe("invalid_grant");
  });

  it.each(["RS256", "PS256", "ES384", "EdDSA"])("is taken with %s", async (alg) => {
    const other = await createClientKey(alg);
    client = await registerWith({ jwks: other.jwks });
    expect(await outcomeOf(await other.sign(claims()))).toBe("invalid_grant");
  });

  it.each([
    ["the token endpoint", (address: string) => `${address}/token`],
    ["the issuer", (address: string) => `${address}/`],
    ["the issuer without the slash of a bare origin", (address: string) => address],
    ["a list of these", (address: string) => [`${address}/`, `${address}/token`]],
  ])("is taken for %s", async (_what, audience) => {
    expect(await outcomeOf(await key.sign(claims({ aud: audience(fixture.server.address) })))).toBe("invalid_grant");
  });

  it.each(["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"])(
    "is taken with the type %s",
    async (typ) => {
      expect(await outcomeOf(await key.sign(claims(), { typ }))).toBe("invalid_grant");
    },
  );

  it("is taken for five minutes, with a clock that is half a minute off, and without iat", async () => {
    const now = fixture.clock.now();
    expect(await outcomeOf(await key.sign(claims({ exp: now + 300 })))).toBe("invalid_grant");
    expect(await outcomeOf(await key.sign(claims({ iat: now + 30, nbf: now + 30, exp: now + 330 })))).toBe(
      "invalid_grant",
    );
    expect(await outcomeOf(await key.sign(claims({ iat: now - 90, exp: now - 30 })))).toBe("invalid_grant");
    expect(await outcomeOf(await key.sign(claims({ iat: undefined })))).toBe("invalid_grant");
  });
});

describe("a client assertion that is refused as invalid_client", () => {
  const address = () => fixture.server.address;
  it.each<[string, () => Record<string, unknown>]>([
    ["another issuer", () => ({ iss: "https://client.example.com/" })],
    ["another subject", () => ({ sub: "https://client.example.com/" })],
    ["no issuer", () => ({ iss: undefined })],
    ["another audience", () => ({ aud: "https://other.example.com/token" })],
    ["an audience with one slash too many", () => ({ aud: `${address()}//token` })],
    ["an audience in capitals", () => ({ aud: `${address()}/TOKEN` })],
    ["the MCP endpoint as its audience", () => ({ aud: `${address()}/mcp` })],
    ["another endpoint as its audience", () => ({ aud: `${address()}/revoke` })],
    ["a foreign audience beside ours", () => ({ aud: [`${address()}/token`, "https://evil.example/token"] })],
    ["an empty list of audiences", () => ({ aud: [] })],
    ["no audience", () => ({ aud: undefined })],
    ["no end", () => ({ exp: undefined })],
    ["an end in the past", () => ({ iat: undefined, exp: fixture.clock.now() - 61 })],
    ["an end in ten minutes", () => ({ exp: fixture.clock.now() + 600 })],
    ["an end in a year, and no iat", () => ({ iat: undefined, exp: fixture.clock.now() + 31_536_000 })],
    ["a life of more than five minutes", () => ({ iat: fixture.clock.now() - 100, exp: fixture.clock.now() + 250 })],
    ["iat in the future", () => ({ iat: fixture.clock.now() + 120 })],
    ["nbf in the future", () => ({ nbf: fixture.clock.now() + 120 })],
    ["no jti", () => ({ jti: undefined })],
    ["an empty jti", () => ({ jti: "" })],
    ["a jti that is too long", () => ({ jti: "x".repeat(513) })],
    ["a jti that is no text", () => ({ jti: 1 })],
  ])("for %s", async (_what, changes) => {
    expect(await outcomeOf(await key.sign(claims(changes())))).toBe("invalid_client");
  });

  it("for a second use, also on another replica, until long after it has ended", async () => {
    const assertion = await key.sign(claims({ jti: "only once" }));
    expect(await outcomeOf(assertion)).toBe("invalid_grant");
    expect(await outcomeOf(assertion)).toBe("invalid_client");
    fixture.server.restart();
    expect(await outcomeOf(assertion)).toBe("invalid_client");
    fixture.clock.advance(119);
    expect(await outcomeOf(assertion)).toBe("invalid_client");
    fixture.clock.advance(2);
    expect(await outcomeOf(assertion)).toBe("invalid_client");
  });

  it("for one of many uses at the same time", async () => {
    const assertion = await key.sign(claims());
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcomeOf(assertion)));
    expect(outcomes.filter((outcome) => outcome === "invalid_grant")).toHaveLength(1);
  });

  it("not for a jti that another client has used", async () => {
    expect(await outcomeOf(await key.sign(claims({ jti: "shared" })))).toBe("invalid_grant");
    client = await registerWith({ jwks: key.jwks, client_name: "Another" });
    expect(await outcomeOf(await key.sign(claims({ jti: "shared" })))).toBe("invalid_grant");
  });

  it("for another key under the same kid, and for a key of another client", async () => {
    const stranger = await createClientKey();
    expect(await outcomeOf(await stranger.sign(claims()))).toBe("invalid_client");
    const { id } = client;
    client = await registerWith({ jwks: stranger.jwks });
    const assertion = await stranger.sign(claims({ iss: id, sub: id }));
    expect(await outcomeOf(assertion, { client_id: id })).toBe("invalid_client");
  });

  it("for no signature, and for the public key used as a password", async () => {
    expect(await outcomeOf(new UnsecuredJWT(claims()).encode())).toBe("invalid_client");
    const password = new TextEncoder().encode(JSON.stringify(key.publicJwk));
    const forged = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "key-1" }).sign(password);
    expect(await outcomeOf(forged)).toBe("invalid_client");
  });

  it("for an RSA key that takes long to verify with, which an earlier release has registered", async () => {
    const large = await createCostlyClientKey();
    const { options } = fixture.server;
    client.id = await sealToken(createClientKeyring(options), "client", {
      redirectUris: [REDIRECT_URI],
      authMethod: "private_key_jwt",
      issuedAt: Math.floor(fixture.clock.now()),
      keys: { jwks: [large.publicJwk as PublicJwk, key.publicJwk as PublicJwk] },
    });
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_grant");
    expect(await outcomeOf(await large.sign(claims()))).toBe("invalid_client");
  });

  it("for an algorithm other than the one that the client registered", async () => {
    client = await registerWith({ jwks: key.jwks, token_endpoint_auth_signing_alg: "RS256" });
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_client");
  });

  it.each(["at+jwt", "dpop+jwt", "logout+jwt", "oauth-id-jag+jwt"])("for being a token of type %s", async (typ) => {
    expect(await outcomeOf(await key.sign(claims(), { typ }))).toBe("invalid_client");
  });

  it("for an extension that must be understood", async () => {
    const [header = "", payload, signature] = (await key.sign(claims())).split(".");
    const critical = { ...JSON.parse(Buffer.from(header, "base64url").toString()), crit: ["x"], x: 1 };
    const spelled = Buffer.from(JSON.stringify(critical)).toString("base64url");
    expect(await outcomeOf(`${spelled}.${payload}.${signature}`)).toBe("invalid_client");
  });

  it.each(["", ".", "a.b.c", "{}", "x".repeat(9000)])("for being %j", async (assertion) => {
    const expected = assertion === "" ? "invalid_request" : "invalid_client";
    expect(await outcomeOf(assertion)).toBe(expected);
  });

  it("for coming from a client that registered another method", async () => {
    client = await McpClient.register(fixture.server, { token_endpoint_auth_method: "client_secret_post" });
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_client");
    client = await McpClient.register(fixture.server, { token_endpoint_auth_method: "none", jwks: key.jwks });
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_client");
  });

  it("for not being there", async () => {
    expect((await send({ client_id: client.id })).body.error).toBe("invalid_client");
    expect((await send({ client_id: client.id, client_secret: "made up" })).body.error).toBe("invalid_client");
  });

  it("for being a client_id other than its own", async () => {
    const other = await registerWith({ jwks: key.jwks, client_name: "Another" });
    expect(await outcomeOf(await key.sign(claims()), { client_id: other.id })).toBe("invalid_client");
  });
});

describe("a client assertion counts once, and is not used up", () => {
  const address = () => fixture.server.address;

  it.each<[string, string, () => Promise<Answer>]>([
    ["an unknown grant type", "unsupported_grant_type", () => sendOnce({ grant_type: "password" })],
    ["another resource", "invalid_target", () => sendOnce({ resource: "https://other.example.com/mcp" })],
    ["a bad DPoP proof", "invalid_dpop_proof", () => sendOnce({}, { dpop: "a.b.c" })],
  ])("by %s", async (_what, error, sendWith) => {
    assertion = await key.sign(claims());
    expect((await sendWith()).body.error).toBe(error);
    expect((await sendOnce()).body.error).toBe("invalid_grant");
    expect((await sendOnce()).body.error).toBe("invalid_client");
  });

  it("while the provider is not known", async () => {
    assertion = await key.sign(claims());
    const { upstream } = fixture.server.options;
    fixture.server.restart({ upstream: () => undefined });
    expect((await sendOnce()).body.error).toBe("temporarily_unavailable");
    fixture.server.restart({ upstream });
    expect((await sendOnce()).body.error).toBe("invalid_grant");
  });

  it("by a revocation without a token", async () => {
    const url = new URL("/revoke", address());
    const parameters = { client_id: client.id, ...assertionParameters(await key.sign(claims({ aud: url.href }))) };
    expect((await postForm(url, parameters)).body.error).toBe("invalid_request");
    expect((await postForm(url, { ...parameters, token: "none" })).status).toBe(200);
    expect((await postForm(url, { ...parameters, token: "none" })).body.error).toBe("invalid_client");
  });

  let assertion: string;
  const sendOnce = (parameters: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    send({ client_id: client.id, ...assertionParameters(assertion), ...parameters }, headers);
});

describe("Security rule 22: a client", () => {
  it("may use ten thousand assertions in a few minutes, as all of one address may, so that they fill the store for no other", async () => {
    const { options } = fixture.server;
    const claim = async () => true;
    const verify = createAssertionVerifier({
      ...options,
      fetch: () => Promise.reject(new Error("nothing is fetched")),
      hosts: undefined,
      variable: "",
      store: { ...options.store, claim },
    });
    const use = async (id: string, from = "192.0.2.1") => {
      const signed = await key.sign(claims({ iss: id, sub: id, aud: "https://mcp.example.com/" }));
      const signer = { ...CLIENT, id, hash: id, keys: { jwks: [key.publicJwk as PublicJwk] } };
      return verify(signer, signed, ["https://mcp.example.com/"], from);
    };
    const first = await use("one");
    for (let count = 0; count < 10_000; count++) {
      await first();
    }
    await expect(first()).rejects.toMatchObject({ code: "temporarily_unavailable", status: 429, retryAfter: 48 });
    await expect((await use("one", "192.0.2.2"))()).rejects.toMatchObject({ status: 429 });
    await expect((await use("two"))()).rejects.toMatchObject({ status: 429 });
    await (await use("two", "192.0.2.2"))();
    fixture.clock.advance(600);
    await (await use("one"))();
  });
});

describe("a client assertion that is refused as invalid_request", () => {
  it("beside a secret, in the form or in the header", async () => {
    const parameters = { client_id: client.id, ...assertionParameters(await key.sign(claims())) };
    expect((await send({ ...parameters, client_secret: "x" })).body.error).toBe("invalid_request");
    const basic = { authorization: `Basic ${Buffer.from("id:secret").toString("base64")}` };
    expect((await send(parameters, basic)).body.error).toBe("invalid_request");
  });

  it("of another type, or of none, and a type without one", async () => {
    const assertion = await key.sign(claims());
    const saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    expect(await outcomeOf(assertion, { client_assertion_type: saml })).toBe("invalid_request");
    expect(await outcomeOf(assertion, { client_assertion_type: undefined })).toBe("invalid_request");
    expect((await send({ client_id: client.id, client_assertion_type: ASSERTION_TYPE })).body.error).toBe(
      "invalid_request",
    );
  });
});

describe("keys at a jwks_uri", () => {
  beforeEach(async () => {
    client = await registerWith({ jwks_uri: KEYS });
  });

  it("may rotate: an unknown kid fetches them again, at most every half minute", async () => {
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_grant");
    const next = await createClientKey("ES256", "key-2");
    host.documents.set(KEYS, next.jwks);
    for (let n = 0; n < 3; n++) {
      expect(await outcomeOf(await next.sign(claims()))).toBe("invalid_client");
    }
    expect(host.requested).toHaveLength(1);
    fixture.clock.advance(30);
    expect(await outcomeOf(await next.sign(claims()))).toBe("invalid_grant");
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_client");
    expect(host.requested).toHaveLength(2);
  });

  it.each([401, 403, 500])("that can't be had now are 503: status %i", async (status) => {
    host.documents.set(KEYS, (_request, response) => response.writeHead(status).end());
    expect(await outcomeOf(await key.sign(claims()))).toBe("temporarily_unavailable");
  });

  it("that are gone are invalid_client", async () => {
    host.documents.delete(KEYS);
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_client");
  });

  it.each([
    ["hold a private key", { keys: [{ kty: "EC", crv: "P-256", x: "a", y: "b", d: "c" }] }],
    ["are no set", { hello: "world" }],
    ["are too many", { keys: Array.from({ length: 21 }, () => ({ kty: "RSA" })) }],
    ["are RSA keys of 8192 bits", { keys: [{ kty: "RSA", n: "A".repeat(1366), e: "AQAB" }] }],
    ["are more than 32 KB", { keys: [], padding: "x".repeat(32 * 1024) }],
  ])("that %s are invalid_client", async (_what, document) => {
    host.documents.set(KEYS, document);
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_client");
  });

  it("may hold RSA keys that are too large beside others, and only the others count", async () => {
    const large = { kty: "RSA", n: "A".repeat(1366), e: "AQAB" };
    host.documents.set(KEYS, { keys: [large, ...key.jwks.keys] });
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_grant");
  });

  it("Security rule 13: are fetched from port 443, unless the operator lists another", async () => {
    const uri = "https://keys.example.com:8443/jwks.json";
    host.documents.set(uri, key.jwks);
    client = await registerWith({ jwks_uri: uri });
    const { body } = await send({ client_id: client.id, ...assertionParameters(await key.sign(claims())) });
    expect(body.error).toBe("invalid_client");
    expect(body.error_description).toContain(`by listing keys.example.com:8443 in ${VARIABLES.clientIdMetadataHosts}`);
    expect(host.requested).toEqual([]);
    fixture.server.restart({ clientIdMetadataHosts: ["keys.example.com:8443"] });
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_grant");
  });

  it("are not fetched from a host that the operator does not allow", async () => {
    fixture.server.restart({ clientIdMetadataHosts: ["claude.ai"] });
    expect(await outcomeOf(await key.sign(claims()))).toBe("invalid_client");
    expect(host.requested).toEqual([]);
  });
});

describe("Security rule 13: a jwks_uri", () => {
  it.each(["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fd00::1"])(
    "whose host has the address %s is not connected to",
    async (address) => {
      client = await registerWith({ jwks_uri: KEYS });
      const family = address.includes(":") ? 6 : 4;
      fixture.server.restart({
        fetchClientDocument: host.fetchWith({ resolve: async () => [{ address, family }] }),
      });
      expect(await outcomeOf(await key.sign(claims()))).toBe("temporarily_unavailable");
      expect(host.requested).toEqual([]);
    },
  );
});
