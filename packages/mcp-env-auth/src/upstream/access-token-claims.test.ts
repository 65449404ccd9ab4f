import { describe, expect, it } from "vitest";
import { listedScopes, toVerifiedToken } from "./access-token-claims.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

const verified = (claims: Record<string, unknown>) => toVerifiedToken({ sub: "alice", exp: 1_800_000_000, ...claims });

describe("what a verified token says", () => {
  it("is who, for which client, until when and what for", () => {
    const claims = { sub: "alice", azp: "one", exp: 1_800_000_000, scope: "read", email: "alice@example.com" };
    expect(toVerifiedToken(claims)).toEqual({
      subject: "alice",
      clientId: "one",
      expiresAt: 1_800_000_000,
      scopes: ["read"],
      claims,
    });
  });

  it.each([
    ["scope", { scope: "a b  a" }, ["a", "b"]],
    ["scope as a list", { scope: ["a", "b"] }, ["a", "b"]],
    ["scp", { scp: "a b" }, ["a", "b"]],
    ["scp as a list", { scp: ["a", "b"] }, ["a", "b"]],
    ["permissions", { permissions: ["a", "b"] }, ["a", "b"]],
    ["all three", { scope: "openid a", scp: ["a", "b"], permissions: ["b", "c"] }, ["openid", "a", "b", "c"]],
    ["nothing usable", { scope: 5, scp: [5, null, ""], permissions: { a: true } }, []],
    ["nothing", {}, []],
  ])("takes scopes from %s", (_title, claims, scopes) => {
    expect(verified(claims).scopes).toEqual(scopes);
  });

  it("takes scopes from the claims that it is told to, and from nothing that an object inherits", () => {
    const claims = { scope: "openid a", permissions: ["b"], "https://example.com/scopes": ["c"] };
    expect(listedScopes(claims, ["scope", "scp"])).toEqual(["openid", "a"]);
    expect(listedScopes(claims, ["https://example.com/scopes", "scope"])).toEqual(["c", "openid", "a"]);
    expect(listedScopes(claims, ["constructor", "__proto__"])).toEqual([]);
    expect(listedScopes(claims, [])).toEqual([]);
  });

  it.each([
    ["client_id", { client_id: "a", azp: "b", cid: "c" }, "a"],
    ["azp", { azp: "b", cid: "c" }, "b"],
    ["cid", { cid: "c" }, "c"],
    ["sub", {}, "alice"],
    ["the next one when one is no string", { client_id: ["5"], azp: "", cid: "c" }, "c"],
  ])("takes the client from %s", (_title, claims, clientId) => {
    expect(verified(claims).clientId).toBe(clientId);
  });

  it("never takes the client for the user", () => {
    for (const claims of [{ client_id: "a" }, { azp: "a" }, { cid: "a" }, { client_id: "a", sub: "" }]) {
      expect(() => toVerifiedToken({ exp: 1_800_000_000, ...claims })).toThrow("identifies nobody");
    }
  });

  it("takes the login's subject where the token itself names nobody, and says so", () => {
    const claims = { exp: 1_800_000_000, azp: "app" };
    expect(toVerifiedToken(claims, {}, { subject: "alice" })).toMatchObject({
      subject: "alice",
      subjectFromLogin: true,
      clientId: "app",
    });
    expect(toVerifiedToken({ ...claims, sub: "bob" }, {}, { subject: "alice" })).not.toHaveProperty("subjectFromLogin");
  });

  it.each([
    ["stands for nobody", { exp: 1_800_000_000 }],
    ["has no end", { sub: "alice" }],
    ["has an end that is no time", { sub: "alice", exp: 1e300 }],
  ])("is refused when it %s", (_title, claims) => {
    expect(() => toVerifiedToken(claims)).toThrow(UpstreamTokenError);
  });
});
