import { generateKeyPairSync, sign, type webcrypto } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { type McpClient, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer();
const SOURCE = new URL("../../packages/mcp-env-auth/src/", import.meta.url);
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A client with a key of its own, and what it would sign. */
async function keyedClient(): Promise<{
  client: McpClient;
  privateKey: webcrypto.CryptoKey;
  claims: () => Record<string, unknown>;
}> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k", alg: "ES256", use: "sig" }] };
  const client = await attacked.client({ token_endpoint_auth_method: "private_key_jwt", jwks });
  let id = 0;
  const claims = () => ({
    iss: client.id,
    sub: client.id,
    aud: attacked.issuer,
    jti: `assertion-${id++}-${Math.floor(attacked.clock())}`,
    iat: Math.floor(attacked.clock()),
    exp: Math.floor(attacked.clock()) + 60,
  });
  return { client, privateKey, claims };
}

const present = (client: McpClient, assertion: string) =>
  client.refresh("none", { client_assertion: assertion, client_assertion_type: ASSERTION_TYPE });

/** A client that is known gets as far as its refresh token, which is none. */
const KNOWN = [400, "invalid_grant"];

describe("a client's assertion", () => {
  it("that is good is taken, once", async () => {
    const { client, privateKey, claims } = await keyedClient();
    const assertion = await new SignJWT(claims()).setProtectedHeader({ alg: "ES256", kid: "k" }).sign(privateKey);
    const first = await present(client, assertion);
    expect([first.status, first.body.error]).toEqual(KNOWN);
    const second = await present(client, assertion);
    expect([second.status, second.body.error]).toEqual([401, "invalid_client"]);
  });

  it("CVE-2026-32597: with a critical header that nobody understands is refused", async () => {
    const { client, privateKey, claims } = await keyedClient();
    const header = encode({ alg: "ES256", kid: "k", crit: ["x-policy"], "x-policy": "deny" });
    const input = `${header}.${encode(claims())}`;
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, Buffer.from(input));
    const { status, body } = await present(client, `${input}.${Buffer.from(signature).toString("base64url")}`);
    expect([status, body.error]).toEqual([401, "invalid_client"]);
  });

  it.each<[string, (claims: Record<string, unknown>) => Record<string, unknown>]>([
    ["for another audience", (claims) => ({ ...claims, aud: "https://evil.example/" })],
    ["of another issuer", (claims) => ({ ...claims, iss: "https://evil.example/" })],
    ["for another subject", (claims) => ({ ...claims, sub: "admin" })],
    ["without an end", ({ exp: _exp, ...claims }) => claims],
    ["that has ended", (claims) => ({ ...claims, exp: Number(claims.exp) - 600 })],
    ["without an id", ({ jti: _jti, ...claims }) => claims],
  ])("%s is refused", async (_name, change) => {
    const { client, privateKey, claims } = await keyedClient();
    const assertion = await new SignJWT(change(claims()))
      .setProtectedHeader({ alg: "ES256", kid: "k" })
      .sign(privateKey);
    const { status, body } = await present(client, assertion);
    expect([status, body.error]).toEqual([401, "invalid_client"]);
  });

  it("with no signature, a shared secret, or a key that it brings along is refused", async () => {
    const { client, claims } = await keyedClient();
    const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const embedded = encode({ alg: "ES256", kid: "k", jwk: own.publicKey.export({ format: "jwk" }) });
    const input = `${embedded}.${encode(claims())}`;
    const signature = sign("sha256", Buffer.from(input), { key: own.privateKey, dsaEncoding: "ieee-p1363" });
    for (const assertion of [
      `${encode({ alg: "none" })}.${encode(claims())}.`,
      await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "k" }).sign(new Uint8Array(32)),
      `${input}.${signature.toString("base64url")}`,
    ]) {
      const { status, body } = await present(client, assertion);
      expect([status, body.error]).toEqual([401, "invalid_client"]);
    }
  });

  it("can't be left out by a client that registered its key", async () => {
    const { client } = await keyedClient();
    expect((await client.refresh("none")).body.error).toBe("invalid_client");
  });
});

describe("sealed formats (property)", () => {
  const part = fc.stringMatching(/^[A-Za-z0-9_-]{0,24}$/);
  const token = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 80 }),
    fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join(".")),
  );

  it("CVE-2025-69872: whatever comes in the place of a token, nothing is made of it but a refusal", async () => {
    const client = await attacked.client();
    await fc.assert(
      fc.asyncProperty(token, async (text) => {
        fc.pre(text !== "");
        expect((await client.refresh(text)).body.error).toBe("invalid_grant");
        expect((await client.redeem(text)).body.error).toBe("invalid_grant");
      }),
      { numRuns: 60 },
    );
    for (const pickled of [
      "gASVHAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAJpZJSFlFKULg==",
      "rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcA==",
      '{"__proto__":{}}',
    ]) {
      expect((await client.refresh(pickled)).body.error).toBe("invalid_grant");
    }
  });

  it("one character of an access token that is changed, wherever it is, makes it no token", async () => {
    const { accessToken } = await attacked.login();
    await fc.assert(
      fc.asyncProperty(fc.nat(accessToken.length - 1), fc.constantFrom(..."Aa0-_.=~"), async (index, character) => {
        fc.pre(accessToken[index] !== character);
        const changed = `${accessToken.slice(0, index)}${character}${accessToken.slice(index + 1)}`;
        expect((await attacked.server.call(changed)).status).toBe(401);
      }),
      { numRuns: 60 },
    );
    expect((await attacked.server.call(accessToken)).status).toBe(200);
  });

  it("one character of a client id likewise", async () => {
    const client = await attacked.client();
    const { id } = client;
    await fc.assert(
      fc.asyncProperty(fc.nat(id.length - 1), fc.constantFrom(..."Aa0-_."), async (index, character) => {
        fc.pre(id[index] !== character);
        client.id = `${id.slice(0, index)}${character}${id.slice(index + 1)}`;
        expect((await client.refresh("x")).body.error).toBe("invalid_client");
      }),
      { numRuns: 40 },
    );
  });
});

describe("timing: what is compared with a secret is compared in constant time", () => {
  const sources = (folder: string) =>
    readdirSync(new URL(folder, SOURCE), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.includes("testing/"))
      .map((file) => [`${folder}${file}`, readFileSync(new URL(`${folder}${file}`, SOURCE), "utf8")] as const);

  it.each([
    ["proxy/grants/authorization-code.ts", "grant.clientHash, client.hash"],
    ["proxy/grants/authorization-code.ts", "challenge, grant.codeChallenge"],
    ["proxy/grants/refresh-token.ts", "grant.clientHash, client.hash"],
    ["proxy/login/login-cookies.ts", "opened.contents.loginId, state"],
    ["proxy/endpoints/consent.ts", "sha256Base64url(browser), form.browserHash"],
  ])("in %s: %s", (file, compared) => {
    const source = readFileSync(new URL(file, SOURCE), "utf8");
    expect(source).toContain(`timingSafeEqualStrings(${compared})`);
  });

  it("and no file compares a secret, a MAC, a verifier or a challenge by an operator", () => {
    const SECRET =
      /\b(?:clientSecret|secret|mac|verifier|codeVerifier|codeChallenge|nonce|browserHash)\b\s*[!=]==(?! undefined| "")/;
    const found = [...sources("proxy/"), ...sources("sealing/"), ...sources("resource-server/"), ...sources("http/")]
      .flatMap(([file, text]) => text.split("\n").map((line) => [file, line] as const))
      .filter(([, line]) => SECRET.test(line));
    expect(found).toEqual([]);
  });

  it("and a wrong secret costs a client the same steps as a right one: none of them asks the provider", async () => {
    const client = await attacked.client({ token_endpoint_auth_method: "client_secret_post" });
    attacked.auth0.requests.length = 0;
    client.secret = "wrong";
    await client.refresh("x");
    // A server that has just started checks its own credentials there, by a code.
    expect(attacked.auth0.requests.filter(({ params }) => params.grant_type !== "authorization_code")).toEqual([]);
  });
});
