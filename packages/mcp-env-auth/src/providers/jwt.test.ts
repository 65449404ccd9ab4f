import { type CryptoKey, exportPKCS8, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { environmentOf } from "../env/testing/environment-of.ts";
import { recordingLogger } from "../upstream/testing/recording-logger.ts";
import { JWTVerifier } from "./jwt.ts";
import { createTestContext } from "./testing/context.ts";

const PREFIX = "FASTMCP_SERVER_AUTH_JWT_";
const SHARED = "a secret shared with the issuer, of 32 bytes and more";
let signer: CryptoKey;
let publicPem: string;
let privatePem: string;
beforeAll(async () => {
  const pair = await generateKeyPair("RS256", { extractable: true });
  signer = pair.privateKey;
  publicPem = await exportSPKI(pair.publicKey);
  privatePem = await exportPKCS8(pair.privateKey);
});

function read(variables: Readonly<Record<string, string>>) {
  const entries = Object.entries(variables).map(([name, value]) => [PREFIX + name, value]);
  return JWTVerifier.fromEnvironment(environmentOf(Object.fromEntries(entries)));
}

const problemsOf = (variables: Readonly<Record<string, string>>) =>
  read(variables).problems.map(({ variable, message }) => `${variable?.slice(PREFIX.length)} ${message}`);

function sign(algorithm: string, key: CryptoKey | Uint8Array, claims = {}) {
  return new SignJWT({ scope: "weather:read", client_id: "c", ...claims })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer("https://issuer.example/")
    .setAudience("https://mcp.example.com/mcp")
    .setSubject("user")
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(key);
}

describe("JWTVerifier from the environment", () => {
  it("verifies tokens with a public key, its line ends written out", async () => {
    const { provider, problems, origins } = read({
      PUBLIC_KEY: publicPem.replaceAll("\n", "\\n"),
      ISSUER: '["https://issuer.example/", "https://other.example/"]',
      AUDIENCE: "https://mcp.example.com/mcp",
      REQUIRED_SCOPES: "weather:read",
      BASE_URL: "https://mcp.example.com",
    });
    expect(problems).toEqual([]);
    expect(JSON.stringify(origins)).not.toContain("BEGIN");
    const authentication = await provider?.authenticate(createTestContext());
    expect(authentication).toMatchObject({ resource: "https://mcp.example.com/mcp", requiredScopes: ["weather:read"] });
    await expect(authentication?.verifier.verify(await sign("RS256", signer))).resolves.toMatchObject({
      subject: "user",
      scopes: ["weather:read"],
    });
    await expect(
      authentication?.verifier.verify(await sign("HS256", new TextEncoder().encode(publicPem))),
    ).rejects.toMatchObject({
      code: "invalid_token",
    });
  });

  it("verifies tokens with a secret shared with the issuer", async () => {
    const { provider, problems, secrets } = read({ PUBLIC_KEY: SHARED, ALGORITHM: "hs256" });
    expect(problems).toEqual([]);
    expect(secrets).toEqual([SHARED]);
    const authentication = await provider?.authenticate(createTestContext());
    expect(authentication?.resource).toBeUndefined();
    const token = await sign("HS256", new TextEncoder().encode(SHARED));
    await expect(authentication?.verifier.verify(token)).resolves.toMatchObject({ subject: "user" });
    await expect(authentication?.verifier.verify(await sign("RS256", signer))).rejects.toMatchObject({
      code: "invalid_token",
    });
  });

  it("takes tokens by the keys that the issuer publishes", () => {
    expect(problemsOf({ JWKS_URI: "https://issuer.example/jwks.json", ISSUER: "https://issuer.example/" })).toEqual([]);
    expect(problemsOf({ JWKS_URI: "http://localhost:1/jwks.json" })).toEqual([]);
  });

  it("needs a key, and one only", () => {
    expect(problemsOf({})).toEqual([expect.stringMatching(/^JWKS_URI is required\. Set it, or .*PUBLIC_KEY/)]);
    expect(problemsOf({ PUBLIC_KEY: SHARED, JWKS_URI: "https://issuer.example/jwks.json" })).toEqual([
      `PUBLIC_KEY and ${PREFIX}JWKS_URI are both set. Remove one of them.`,
    ]);
  });

  it("does not add to the problem of a key that is wrong on its own", () => {
    expect(problemsOf({ JWKS_URI: "issuer.example" })).toEqual([expect.stringMatching(/^JWKS_URI must be/)]);
    expect(problemsOf({ PUBLIC_KEY: "" })).toEqual([expect.stringMatching(/^JWKS_URI is required/)]);
    expect(problemsOf({ PUBLIC_KEY: SHARED, ALGORITHM: "none" })).toEqual([
      expect.stringMatching(/^ALGORITHM must be/),
    ]);
  });

  it.each([
    ["ISSUER", "12345", 'as ["…"]'],
    ["ISSUER", "", "It is empty"],
    ["AUDIENCE", "[]", "The list is empty"],
    ["AUDIENCE", "", "It is empty"],
    ["REQUIRED_SCOPES", "true", "number, true, false"],
    ["BASE_URL", "", "It is empty"],
    ["JWKS_URI", "http://issuer.example/jwks.json", "use https"],
  ])("refuses %s=%s", (name, value, reason) => {
    expect(problemsOf({ JWKS_URI: "https://issuer.example/jwks.json", [name]: value })).toEqual([
      expect.stringContaining(reason),
    ]);
  });
});

describe("Security rule 8: never HS* with JWKS, and no public key as a secret", () => {
  it("is decided before the start", () => {
    expect(problemsOf({ JWKS_URI: "https://issuer.example/jwks.json", ALGORITHM: "HS256" })).toEqual([
      expect.stringContaining("ALGORITHM can't be HS256"),
    ]);
    expect(problemsOf({ PUBLIC_KEY: publicPem, ALGORITHM: "HS256" })).toEqual([expect.stringMatching(/^PUBLIC_KEY /)]);
    expect(problemsOf({ PUBLIC_KEY: SHARED, ALGORITHM: "RS256" })).toEqual([expect.stringMatching(/^PUBLIC_KEY /)]);
    expect(problemsOf({ PUBLIC_KEY: privatePem })).toEqual([expect.stringMatching(/^PUBLIC_KEY .*private key/)]);
  });
});

describe("JWTVerifier in code", () => {
  it("takes the same settings as options", async () => {
    const verifier = new JWTVerifier({ publicKey: publicPem, issuer: ["a", "b"], requiredScopes: ["x"] });
    expect((await verifier.authenticate(createTestContext())).requiredScopes).toEqual(["x"]);
    expect(() => new JWTVerifier()).toThrow("jwksUri: is required. Set it, or publicKey.");
  });
});

describe("what JWTVerifier says at the start", () => {
  const linesOf = async (variables: Readonly<Record<string, string>>) => {
    const logger = recordingLogger();
    await read(variables).provider?.authenticate(createTestContext({ logger }));
    return logger.lines.map(({ level, message }) => `${level} ${message}`);
  };
  const quiet = { PUBLIC_KEY: SHARED, ALGORITHM: "HS256", AUDIENCE: "https://mcp.example.com/mcp" };

  it("is nothing where all is well", async () => {
    expect(await linesOf(quiet)).toEqual([]);
  });

  it("is that a shared secret is so short that it can be guessed", async () => {
    const warning = expect.stringMatching(/^warn FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY is so short/);
    expect(await linesOf({ ...quiet, PUBLIC_KEY: "short" })).toEqual([warning]);
    expect(await linesOf({ ...quiet, ALGORITHM: "HS512" })).toEqual([warning]);
    expect((await linesOf({ ...quiet, PUBLIC_KEY: "short" })).join()).not.toMatch(/\bshort\b.*\bshort\b/);
  });

  it("is that tokens for other servers are accepted where there is no audience", async () => {
    const { AUDIENCE: _, ...rest } = quiet;
    expect(await linesOf(rest)).toEqual([expect.stringMatching(/^warn FASTMCP_SERVER_AUTH_JWT_AUDIENCE is not set/)]);
  });
});
