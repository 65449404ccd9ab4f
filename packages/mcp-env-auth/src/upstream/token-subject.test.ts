import { describe, expect, it } from "vitest";
import { missingSubject, personOf, subjectOf } from "./token-subject.ts";

describe("the subject of claims", () => {
  it("is never the application's id", () => {
    for (const claim of ["client_id", "azp", "cid", "username", "preferred_username", "email", "oid"]) {
      expect(subjectOf({ [claim]: "app" })).toBeUndefined();
    }
  });

  it("Security rule 20: is never what Azure AD B2C writes in the place of every user's id", () => {
    const sub = "Not supported currently. Use oid claim.";
    expect(subjectOf({ sub, azp: "app" })).toBeUndefined();
    expect(personOf({ sub })).toBeUndefined();
    expect(personOf({ sub }, { claim: "sub" })).toBeUndefined();
    expect(personOf({ sub, oid: "1" }, { claim: "oid" })).toBe("1");
    expect(missingSubject({ sub }).message).toContain("is the same for everybody");
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

  it("is never a machine's for a user, whatever the two are called", () => {
    expect(() => subjectOf({ sub: "job@clients", azp: "app" })).toThrow("reserved");
    expect(() => subjectOf({ sub: "id", email: "job@clients" }, { claim: "email" })).toThrow("reserved");
    expect(() => subjectOf({ sub: "job@clients", client_id: "job@clients" })).toThrow("reserved");
  });

  it("is never the name of our own application", () => {
    expect(() => subjectOf({ sub: "app", azp: "other" }, { application: "app" })).toThrow("reserved");
    expect(subjectOf({ sub: "app", azp: "app" }, { application: "app" })).toBe("app@clients");
  });

  it("holds no name in its errors, which may be a person's", () => {
    const issuer = ["https://one.example", "https://two.example"];
    for (const sub of ["secret.person@clients", "https://two.example|secret.person"]) {
      expect(() => subjectOf({ iss: issuer[0], sub }, { issuer })).toThrow(/^(?!.*secret)/);
    }
  });

  it.each([
    [{ client_id: 5, sub: 5 }],
    [{ client_id: 5, sub: "5" }],
    [{ client_id: "5", sub: 5 }],
    [{ client_id: "5", azp: 5, sub: "5" }],
    [{ client_id: null, azp: "5", sub: "5" }],
    [{ client_id: "5", gty: null, sub: "5@clients" }],
  ])("is a machine's in whatever type its client id comes: %j", (claims) => {
    expect(subjectOf(claims)).toBe("5@clients");
  });

  it.each([
    [{ client_id: " ", sub: " " }],
    [{ client_id: "\ud800", sub: "\ud800" }],
    [{ client_id: " ", gty: "client-credentials" }],
    [{ client_id: ["job"], gty: "client-credentials" }],
    [{ azp: " ", sub: "object", oid: "object", idtyp: "app" }],
    [{ azp: "job", client_id: "other", sub: "object", oid: "object", idtyp: "app" }],
  ])("is nobody's where the client id identifies no client: %j", (claims) => {
    expect(subjectOf(claims)).toBeUndefined();
  });

  it("is a person's where the claim that names people is there, unless the token states its grant", () => {
    const rules = { claim: "username" };
    expect(subjectOf({ sub: "app", client_id: "app", username: "alice" }, rules)).toBe("alice");
    expect(subjectOf({ sub: "app", client_id: "app" }, rules)).toBe("app@clients");
    expect(subjectOf({ sub: "app", client_id: "app", username: " " }, rules)).toBeUndefined();
    const machine = { sub: "app", client_id: "app", username: "service-account-app" };
    expect(subjectOf({ ...machine, gty: "client-credentials" }, rules)).toBe("app@clients");
    expect(subjectOf({ ...machine, oid: "app", idtyp: "app" }, rules)).toBe("app@clients");
  });
});

describe("Security rule 20: an agent's subject (Auth0's Agents as Principal)", () => {
  const agent = { sub: "agt_1", azp: "bot" };
  it.each([
    ["by the grant", { ...agent, gty: "client-credentials" }],
    ["by its profile", { ...agent, sub_profile: "ai_agent" }],
    ["by a profile among others", { ...agent, sub_profile: "service ai_agent" }],
    ["by a list of profiles", { ...agent, sub_profile: ["ai_agent"] }],
    ["with an id that reads as a user's", { sub: "auth0|alice", azp: "bot", sub_profile: "ai_agent" }],
    ["with an id that reads as a user's, by the grant", { sub: "auth0|alice", azp: "bot", gty: "client-credentials" }],
    ["with an id that reads as another machine's", { sub: "other@clients", azp: "bot", sub_profile: "ai_agent" }],
    ["in the RFC 9068 profile", { sub: "agt_1", client_id: "bot", sub_profile: "ai_agent" }],
  ])("is its client's, and no user's: %s", (_what, claims) => {
    expect(subjectOf(claims)).toBe("bot@clients");
    expect(subjectOf({ ...claims, email: "alice@example.com" }, { claim: "email" })).toBe("bot@clients");
  });

  it("is nobody's where its client is not clear", () => {
    for (const claims of [{ azp: undefined }, { client_id: "other" }, { azp: ["bot"] }]) {
      expect(() => subjectOf({ ...agent, sub_profile: "ai_agent", ...claims })).toThrow("does not name its client");
    }
  });

  it("is never a person's in an id token or an assertion", () => {
    expect(() => personOf({ sub: "auth0|alice", sub_profile: "ai_agent" })).toThrow("not a user");
  });

  it("leaves the user's where the agent only acts for one", () => {
    const act = { sub: "agt_1", sub_profile: "ai_agent", act: { sub: "bot" } };
    expect(subjectOf({ sub: "auth0|alice", azp: "bot", act })).toBe("auth0|alice");
    expect(subjectOf({ sub: "auth0|alice", azp: "bot", sub_profile: "user", act })).toBe("auth0|alice");
    expect(subjectOf({ sub: "auth0|alice", azp: "bot", client_profile: "ai_agent", act })).toBe("auth0|alice");
  });

  it("is no machine's where the token says that it is a user", () => {
    expect(subjectOf({ sub: "bot", client_id: "bot", sub_profile: "user" })).toBe("bot");
    expect(() => subjectOf({ sub: "bot@clients", azp: "bot", sub_profile: "user" })).toThrow("reserved");
  });

  it("stays what it was where sub_profile says nothing", () => {
    for (const profile of [undefined, null, "", " ", 5, {}, []]) {
      expect(subjectOf({ sub: "alice", azp: "bot", sub_profile: profile })).toBe("alice");
    }
  });
});

describe("a user that only users' tokens name", () => {
  it("is a person, even where an access token of the same claims would be a machine's", () => {
    expect(personOf({ sub: "job", azp: "job" })).toBe("job");
    expect(personOf({ sub: "id", oid: "id", idtyp: "app", azp: "job" })).toBe("id");
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
    expect(message).toContain("Have the provider put it into access tokens.");
    expect(message).toContain("FASTMCP_SERVER_AUTH_OIDC_SUBJECT_CLAIM");
    expect(message).not.toContain("secret");
    expect(message.length).toBeLessThan(400);
  });
});
