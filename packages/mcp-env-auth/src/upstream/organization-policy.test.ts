import { describe, expect, it } from "vitest";
import { createOrganizationPolicy, type OrganizationRules, withOrganization } from "./organization-policy.ts";
import { UpstreamTokenError } from "./upstream-token.ts";

const policy = (rules: Partial<OrganizationRules> = {}) =>
  createOrganizationPolicy({ claim: "org_id", nameClaim: "org_name", allowed: undefined, inIdToken: true, ...rules });

describe("an organization policy", () => {
  it("without a list takes any organization, and none", () => {
    expect(policy().organizationOf({ org_id: "org_acme" })).toBe("org_acme");
    expect(policy().organizationOf({})).toBeUndefined();
    expect(policy().organizationOf({ org_id: "" })).toBeUndefined();
  });

  it.each([
    ["org_acme", { org_id: "org_acme" }],
    ["acme", { org_id: "org_1", org_name: "acme" }],
    ["ACME", { org_id: "org_1", org_name: "Acme" }],
  ])("takes %s by %o", (allowed, claims) => {
    expect(policy({ allowed: ["org_other", allowed] }).organizationOf(claims)).toBe(claims.org_id);
  });

  it.each([
    [7, "7"],
    [0, "0"],
    [[7, "7"], "7"],
    [{ acme: {} }, "acme"],
  ])("reads the id %j as %s, with and without a list", (org_id, expected) => {
    expect(policy({ nameClaim: undefined, allowed: [expected] }).organizationOf({ org_id })).toBe(expected);
    expect(policy().organizationOf({ org_id })).toBe(expected);
    expect(() => policy({ nameClaim: undefined, allowed: ["8"] }).organizationOf({ org_id })).toThrow("may not use");
  });

  it.each([[2 ** 53], [1.5], [true], [[]], [{}], ["\u200b"]])("says that %j names none", (org_id) => {
    const refused = () => policy({ allowed: ["org_acme"] }).organizationOf({ org_id });
    expect(refused).toThrow(/the org_id claim of the token does not name one by an id/);
    expect(refused).not.toThrow(/there is no/);
    expect(policy().organizationOf({ org_id })).toBeUndefined();
  });

  it.each([[{}], [{ org_id: null }], [{ org_id: "" }]])("says of %j that the login was through none", (claims) => {
    expect(() => policy({ allowed: ["org_acme"] }).organizationOf(claims)).toThrow(/there is no org_id claim/);
  });

  it.each([
    ["org_acme", { org_id: "org_acme2" }],
    ["org_acme", { org_id: "org_ACME" }],
    ["org_acme", { org_id: "org_other", org_name: "org_acme" }],
    ["acme", { org_id: "acme" }],
    ["acme", { org_id: "org_1", org_name: ["acme"] }],
    ["acme", { org_name: "acme" }],
    ["org_acme", { org_id: ["org_other"] }],
    ["org_acme", { org_id: [["org_acme"]] }],
    ["org_acme", { org_id: [] }],
    ["org_acme", {}],
  ])("for %s refuses %o", (allowed, claims) => {
    expect(() => policy({ allowed: [allowed] }).organizationOf(claims)).toThrow(UpstreamTokenError);
  });

  it("with a claim of the tenant's own compares that alone, to the letter", () => {
    const own = policy({ claim: "https://example.com/tenant", nameClaim: undefined, allowed: ["acme"] });
    expect(own.organizationOf({ "https://example.com/tenant": "acme" })).toBe("acme");
    expect(() => own.organizationOf({ "https://example.com/tenant": "ACME", org_name: "acme" })).toThrow();
  });

  it("for nobody refuses everybody", () => {
    expect(() => policy({ allowed: [] }).organizationOf({ org_id: "org_acme" })).toThrow(UpstreamTokenError);
  });

  it("holds id tokens to the same, where the provider names organizations in them", () => {
    const claims = { org_id: "org_globex" };
    expect(() => policy({ allowed: ["org_acme"] }).checkIdToken(claims)).toThrow(UpstreamTokenError);
    expect(() => policy({ allowed: ["org_acme"] }).checkIdToken(undefined)).not.toThrow();
    expect(() => policy({ allowed: ["org_acme"], inIdToken: false }).checkIdToken(claims)).not.toThrow();
  });

  it("does not repeat what a token could smuggle into a header", () => {
    const refused = () => policy({ allowed: [] }).organizationOf({ org_id: 'a"\r\nSet-Cookie: b' });
    expect(refused).toThrow("a??Set-Cookie: b");
  });
});

it("holds what was verified under an earlier configuration to today's", () => {
  const verified = { subject: "a", clientId: "c", expiresAt: 1, scopes: [], claims: { org_id: "org_acme" } };
  const verifier = (allowed: string[]) => withOrganization({ verify: async () => verified }, policy({ allowed }));
  expect(verifier(["org_acme"]).judgeAgain?.(verified).organization).toBe("org_acme");
  expect(() => verifier(["org_globex"]).judgeAgain?.(verified)).toThrow(UpstreamTokenError);
});
