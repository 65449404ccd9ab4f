import { describe, expect, it } from "vitest";
import { requireOurClient, requireSubject, toLookedUpToken } from "./looked-up-claims.ts";

const NOW = 1_700_000_000;
const found = { subject: "alice", clientId: "ours", scopes: ["a"], claims: {} };
const convert = (changes: object) => toLookedUpToken({ ...found, ...changes }, () => NOW);

describe("what a look-up said", () => {
  it("names the user by a string, as ids are numbers at some providers", () => {
    expect(requireSubject({ sub: 583_231 })).toBe("583231");
    expect(convert({ clientId: undefined })).toMatchObject({ clientId: "alice" });
  });

  it.each([undefined, null, "", Number.NaN, {}, true])("is refused when it names nobody: %s", (sub) => {
    expect(() => requireSubject({ sub, client_id: "app", username: "alice" })).toThrow("identifies nobody");
  });

  it("ends the token when the provider says so, as a number or text", () => {
    expect(convert({ expiresAt: NOW + 60.9 }).expiresAt).toBe(NOW + 60);
    expect(convert({ expiresAt: String(NOW + 60) }).expiresAt).toBe(NOW + 60);
    expect(() => convert({ expiresAt: NOW })).toThrow("expired");
    expect(() => convert({ expiresAt: -1 })).toThrow("expired");
    for (const expiresAt of ["soon", "1 hour", false, true, [], {}, Number.NaN]) {
      expect(() => convert({ expiresAt })).toThrow("invalid token expiry");
    }
  });

  it("is good for an hour when the provider tells no end", () => {
    expect(convert({}).expiresAt).toBe(NOW + 3600);
    for (const expiresAt of [null, 0, "0", "", " "]) {
      expect(convert({ expiresAt }).expiresAt).toBe(NOW + 3600);
    }
  });

  it("keeps no scope twice and no claim that is absent", () => {
    const { scopes, claims } = convert({ scopes: ["a", "b", "a"], claims: { name: "A", email: null, x: undefined } });
    expect(scopes).toEqual(["a", "b"]);
    expect(claims).toEqual({ name: "A" });
  });
});

describe("Security: a token of another application", () => {
  it("does not pass for ours", () => {
    expect(() => requireOurClient("ours", "ours")).not.toThrow();
    expect(() => requireOurClient(["theirs", "ours"], "ours")).not.toThrow();
    expect(() => requireOurClient(42, "42")).not.toThrow();
    for (const other of ["theirs", "", undefined, null, [], {}, "our", "ours "]) {
      expect(() => requireOurClient(other, "ours")).toThrow("another application");
    }
  });
});
