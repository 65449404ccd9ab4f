import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { requireSameIdTokenUser, requireSameLogin } from "./login-subject.ts";

const ACCESS_TOKEN = "the access token";

/** The left half of the hash that OpenID Connect Core 1.0 section 3.1.3.6 names for a signature algorithm. */
const halfHash = (hash: string) => {
  const digest = createHash(hash).update(ACCESS_TOKEN).digest();
  return digest.subarray(0, digest.length / 2).toString("base64url");
};

function login(access: Record<string, unknown>, id: Record<string, unknown>, alg = "RS256", rules = {}) {
  const verified = { subject: "", clientId: "", expiresAt: 0, scopes: [], claims: access };
  return requireSameLogin({ accessToken: ACCESS_TOKEN, verified, idToken: { alg, claims: id } }, rules);
}

describe("Security rule 20: the at_hash of an id token", () => {
  it.each([
    ["RS256", "sha256"],
    ["ES256", "sha256"],
    ["HS256", "sha256"],
    ["PS384", "sha384"],
    ["ES384", "sha384"],
    ["RS512", "sha512"],
    ["EdDSA", "sha512"],
    ["Ed25519", "sha512"],
  ])("is made with the hash of its signature's algorithm: %s", (alg, hash) => {
    expect(login({}, { sub: "alice", at_hash: halfHash(hash) }, alg)).toBe(false);
    const other = hash === "sha256" ? "sha512" : "sha256";
    expect(() => login({}, { sub: "alice", at_hash: halfHash(other) }, alg)).toThrow("at_hash");
  });

  it.each([null, ""])("is absent where it is %j", (at_hash) => {
    expect(login({}, { sub: "alice", at_hash })).toBe(false);
  });
});

describe("Security rule 20: the two tokens of a login", () => {
  const sameSubject = { sameSubject: true };

  it("may name one user in different types", () => {
    expect(login({ sub: "42" }, { sub: 42 }, "RS256", sameSubject)).toBe(false);
  });

  it("must not name two, where the provider names users alike in both", () => {
    expect(() => login({ sub: "mallory" }, { sub: "alice" }, "RS256", sameSubject)).toThrow("different users");
    expect(login({ sub: "mallory" }, { sub: "alice" })).toBe(true);
  });

  it("are compared by the claim of the configuration, and by sub", () => {
    const rules = { ...sameSubject, subject: { claim: "username" } };
    expect(login({ username: "alice" }, { sub: "1", username: "alice" }, "RS256", rules)).toBe(false);
    for (const access of [{ username: "mallory" }, { sub: "1", username: "mallory" }, { sub: "2" }]) {
      expect(() => login(access, { sub: "1", username: "alice" }, "RS256", rules)).toThrow("different users");
    }
  });
});

describe("Security rule 20: two id tokens of one login", () => {
  it("must name one user", () => {
    const check = (one: Record<string, unknown>, other: Record<string, unknown>) => () =>
      requireSameIdTokenUser({ claims: one }, { claims: other }, { claim: "username" });
    expect(check({ sub: "1" }, { sub: 1 })).not.toThrow();
    expect(check({ sub: "1" }, {})).not.toThrow();
    expect(check({ sub: "1" }, { sub: "2" })).toThrow("different users");
    expect(check({ sub: "1", username: "a" }, { sub: "1", username: "b" })).toThrow("different users");
  });
});
