import { afterEach, describe, expect, it, vi } from "vitest";
import { environmentOf } from "../../env/testing/environment-of.ts";
import { recordingLogger } from "../../upstream/testing/recording-logger.ts";
import { DebugTokenVerifier } from "../debug.ts";
import { StaticTokenVerifier } from "../static-tokens.ts";
import { createTestContext } from "../testing/context.ts";

const TOKENS = JSON.stringify({
  "dev-alice-token": { client_id: "dev", sub: "alice", scopes: ["weather:read"], role: "admin" },
  "dev-machine-token": { client_id: "machine" },
  "dev-old-token": { client_id: "machine", expires_at: 1 },
});

const debug = (variables: Record<string, string> = {}) =>
  DebugTokenVerifier.fromEnvironment(named("DEBUG_", variables));
const fixed = (variables: Record<string, string> = {}) =>
  StaticTokenVerifier.fromEnvironment(named("STATIC_", { TOKENS, ...variables }));

function named(prefix: string, variables: Record<string, string>) {
  const entries = Object.entries(variables).map(([name, value]) => [`FASTMCP_SERVER_AUTH_${prefix}${name}`, value]);
  return environmentOf(Object.fromEntries(entries));
}

afterEach(() => vi.unstubAllEnvs());

describe("Security rule 15: fail closed: a provider for development only", () => {
  it.each([
    ["DebugTokenVerifier", debug],
    ["StaticTokenVerifier", fixed],
  ])("%s does not start elsewhere, unless told to in so many words", (_name, read) => {
    for (const environment of ["production", "test", ""]) {
      vi.stubEnv("NODE_ENV", environment);
      const { provider, problems } = read();
      expect(provider).toBeUndefined();
      expect(problems).toEqual([
        { variable: expect.stringMatching(/_UNSAFE$/), message: expect.stringContaining("NODE_ENV=development") },
      ]);
    }
    expect(read({ UNSAFE: "true" }).problems).toEqual([]);
    vi.stubEnv("NODE_ENV", "development");
    expect(read().problems).toEqual([]);
  });
});

describe("DebugTokenVerifier", () => {
  it("accepts every token, and says so at every start", async () => {
    const logger = recordingLogger();
    const { provider } = debug({ UNSAFE: "true", REQUIRED_SCOPES: "weather:read" });
    const authentication = await provider?.authenticate(createTestContext({ logger }));
    expect(await authentication?.verifier.verify("anything")).toMatchObject({
      subject: "debug",
      scopes: ["weather:read"],
    });
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: "warn", message: expect.stringContaining("open to everyone") }),
    );
  });
});

describe("StaticTokenVerifier", () => {
  it("accepts the tokens that are configured", async () => {
    const { provider, secrets } = fixed({ UNSAFE: "true" });
    const verifier = (await provider?.authenticate(createTestContext()))?.verifier;
    expect(await verifier?.verify("dev-alice-token")).toMatchObject({
      subject: "alice",
      clientId: "dev",
      scopes: ["weather:read"],
      claims: { role: "admin" },
    });
    expect(await verifier?.verify("dev-machine-token")).toMatchObject({ subject: "machine", scopes: [] });
    await expect(verifier?.verify("dev-old-token")).rejects.toMatchObject({ code: "invalid_token" });
    await expect(verifier?.verify("__proto__")).rejects.toMatchObject({ code: "invalid_token" });
    expect(secrets).toContain("dev-alice-token");
  });

  it("Security rule 20: keeps two tokens of one client apart only by their subs", async () => {
    const tokens = { a: { client_id: "app" }, b: { client_id: "app", sub: "alice" }, c: { sub: null, client_id: 7 } };
    const { provider } = fixed({ TOKENS: JSON.stringify(tokens), UNSAFE: "true" });
    const verifier = (await provider?.authenticate(createTestContext()))?.verifier;
    const subjects = await Promise.all(
      Object.keys(tokens).map(async (token) => (await verifier?.verify(token))?.subject),
    );
    expect(subjects).toEqual(["app", "alice", "7"]);
  });

  it.each([
    ["nonsense", "no JSON"],
    ["[]", "no token"],
    ["{}", "no token"],
    ['{"t":"x"}', "no object"],
    ['{"t":{}}', "a sub that is not blank"],
    ['{"t":{"sub":"","client_id":"app"}}', "a sub that is not blank"],
    ['{"t":{"sub":" "}}', "a sub that is not blank"],
    ['{"t":{"sub":["alice"],"client_id":"app"}}', "a sub that is not blank"],
    ['{"t":{"client_id":{"a":1}}}', "a sub that is not blank"],
    ['{"t":{"sub":null,"client_id":" "}}', "a sub that is not blank"],
    ['{"t":{"sub":"app"},"u":{"client_id":"app"}}', "Give both a sub"],
    ['{"t":{"sub":5},"u":{"client_id":"5"}}', "Give both a sub"],
  ])("refuses %s", (tokens, reason) => {
    expect(fixed({ TOKENS: tokens, UNSAFE: "true" }).problems).toEqual([
      { variable: "FASTMCP_SERVER_AUTH_STATIC_TOKENS", message: expect.stringContaining(reason) },
    ]);
  });
});
