import { describe, expect, it } from "vitest";
import { identifier, missingSubject, subjectOf } from "./token-subject.ts";

describe("an id that a provider states", () => {
  it.each([
    ["alice", "alice"],
    [" alice", " alice"],
    ["😀", "😀"],
    [42, "42"],
    [0, "0"],
    [-7, "-7"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ])("is a text as it came, or a whole number as its digits: %j", (value, id) => {
    expect(identifier(value)).toBe(id);
  });

  it.each([
    undefined,
    null,
    "",
    " ",
    "\u00a0\u2003",
    "\u200b\ufeff",
    "\ud800",
    "alice\udfff",
    Number.MAX_SAFE_INTEGER + 1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    false,
    [],
    ["alice"],
    {},
    { sub: "alice" },
  ])("is nothing else: %j", (value) => {
    expect(identifier(value)).toBeUndefined();
  });
});

describe("the subject of claims", () => {
  it("is never the application's id", () => {
    for (const claim of ["client_id", "azp", "cid", "username", "preferred_username", "email", "oid"]) {
      expect(subjectOf({ [claim]: "app" })).toBeUndefined();
    }
  });

  it("is another claim where the configuration says so, in place of sub", () => {
    const rules = { claim: "username" };
    expect(subjectOf({ sub: "1", username: "alice" }, rules)).toBe("alice");
    expect(subjectOf({ sub: "1" }, rules)).toBeUndefined();
    expect(subjectOf({ sub: "1" }, { claim: "constructor" })).toBeUndefined();
  });

  it.each([
    ["sub is the client", { sub: "job", client_id: "job" }],
    ["Auth0", { sub: "job@clients", azp: "job", gty: "client-credentials" }],
    ["Entra", { sub: "id", oid: "id", idtyp: "app", azp: "job" }],
    ["without sub, by the grant", { azp: "job", gty: "client-credentials" }],
  ])("is a machine's own in one spelling, whatever the provider calls it: %s", (_what, claims) => {
    expect(subjectOf(claims)).toBe("job@clients");
  });

  it("is no machine's for a user, and no other issuer's", () => {
    const issuer = ["https://one.example", "https://two.example"];
    for (const sub of ["job@clients", "https://two.example|bob", "https://three.example|bob"]) {
      const claims = { iss: issuer[0], sub, azp: "app" };
      expect(() => subjectOf(claims, { issuer, otherIssuers: ["https://three.example"] })).toThrow("reserved");
    }
  });

  it("names the issuer after the first", () => {
    const rules = { issuer: ["https://one.example", "https://two.example"] };
    expect(subjectOf({ iss: "https://one.example", sub: "1" }, rules)).toBe("1");
    expect(subjectOf({ iss: "https://two.example", sub: "1" }, rules)).toBe("https://two.example|1");
    expect(subjectOf({ sub: "1" }, rules)).toBe("1");
  });
});

describe("the error for claims that name nobody", () => {
  it.each([
    [undefined, "is missing"],
    [null, "is missing"],
    ["  ", "is blank"],
    [1.5, "is a number that is not exact"],
    [["secret"], "is not a text"],
  ])("says what is wrong and what to set, never the value: %j", (sub, fault) => {
    const { fault: kind, message } = missingSubject({ sub }, { variable: "FASTMCP_SERVER_AUTH_OIDC_SUBJECT_CLAIM" });
    expect(kind).toBe("subject");
    expect(message).toContain(fault);
    expect(message).toContain('client scope "basic"');
    expect(message).toContain("FASTMCP_SERVER_AUTH_OIDC_SUBJECT_CLAIM");
    expect(message).not.toContain("secret");
    expect(message.length).toBeLessThan(400);
  });
});
