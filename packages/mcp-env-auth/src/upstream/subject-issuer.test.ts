import { describe, expect, it } from "vitest";
import { personOf, subjectOf } from "./token-subject.ts";

const ONE = "https://one.example";
const TWO = "https://two.example";

describe("Security rule 20: the subjects of several issuers", () => {
  const issuer = [ONE, TWO];

  it("stand as they are at the first, and after the issuer at any other", () => {
    expect(subjectOf({ iss: ONE, sub: "1" }, { issuer })).toBe("1");
    expect(subjectOf({ iss: TWO, sub: "1" }, { issuer })).toBe(`${TWO}|1`);
    expect(subjectOf({ iss: TWO, sub: "job", client_id: "job" }, { issuer })).toBe(`${TWO}|job@clients`);
  });

  it.each([undefined, null, [TWO], 5, "https://three.example"])("need an issuer: iss %j", (iss) => {
    expect(() => subjectOf({ iss, sub: "1" }, { issuer })).toThrow("which of the configured issuers");
    expect(subjectOf({ iss, sub: "1" }, { issuer: ONE })).toBe("1");
  });

  it("are no other issuer's, for users and for machines", () => {
    const rules = { issuer, otherIssuers: ["https://three.example"] };
    for (const name of [`${TWO}|bob`, "https://three.example|bob"]) {
      expect(() => subjectOf({ iss: ONE, sub: name, azp: "app" }, rules)).toThrow("reserved");
      expect(() => subjectOf({ iss: ONE, sub: name, client_id: name }, rules)).toThrow("reserved");
    }
  });

  it("may begin with the first issuer, which stands before no subject", () => {
    expect(subjectOf({ iss: "acme", sub: "acme|42" }, { issuer: "acme" })).toBe("acme|42");
    expect(subjectOf({ iss: "acme", sub: "acme|42" }, { issuer: ["acme", TWO] })).toBe("acme|42");
  });

  it("can be told apart where one issuer begins with another", () => {
    const nested = { issuer: ["first", "x", "x|y"] };
    expect(subjectOf({ iss: "x|y", sub: "z" }, nested)).toBe("x|y|z");
    expect(() => subjectOf({ iss: "x", sub: "y|z" }, nested)).toThrow("reserved");
    expect(subjectOf({ iss: "x", sub: "z" }, nested)).toBe("x|z");
  });
});

describe("Security rule 20: the subjects of any issuer", () => {
  const rules = { anyIssuer: true };
  const byName = { anyIssuer: true, claim: "username" };

  it("are the users' own by sub, as the key is taken for one issuer's", () => {
    expect(subjectOf({ iss: ONE, sub: "1" }, rules)).toBe("1");
  });

  it("begin with the token's issuer for machines, and for users by another claim", () => {
    const app = (tenant: string) => ({ iss: tenant, sub: "sp", oid: "sp", idtyp: "app", azp: "job" });
    expect(subjectOf(app(ONE), rules)).toBe(`${ONE}|job@clients`);
    expect(subjectOf(app(TWO), rules)).toBe(`${TWO}|job@clients`);
    expect(personOf({ iss: ONE, username: "alice" }, byName)).toBe(`${ONE}|alice`);
  });

  it("stand alone where the token states none, unless they read as some issuer's", () => {
    expect(subjectOf({ sub: "job", azp: "job" }, rules)).toBe("job@clients");
    expect(personOf({ username: "alice" }, byName)).toBe("alice");
    expect(() => personOf({ username: `${ONE}|alice` }, byName)).toThrow("reserved");
    expect(() => subjectOf({ sub: `${ONE}|job`, azp: `${ONE}|job` }, rules)).toThrow("reserved");
  });

  it.each([[["a"]], [5], [""], [`${ONE}|x`]])("need an issuer that can stand before a subject: iss %j", (iss) => {
    expect(() => personOf({ iss, username: "alice" }, byName)).toThrow('"iss" claim is not an issuer');
  });
});
