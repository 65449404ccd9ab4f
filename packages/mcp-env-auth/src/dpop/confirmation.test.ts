import { describe, expect, it } from "vitest";
import { confirmationOf } from "./confirmation.ts";

const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

describe("the cnf claim of a provider's token", () => {
  it("names the key that the token is bound to (RFC 9449 section 6.1)", () => {
    expect(confirmationOf({ cnf: { jkt } })).toEqual({ jkt });
  });

  it.each([{}, { cnf: undefined }, { cnf: null }])("is absent from a token that is not bound: %j", (claims) => {
    expect(confirmationOf(claims)).toEqual({});
  });

  it.each([
    ["a certificate (RFC 8705)", { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }],
    ["a certificate beside a key", { jkt, "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" }],
    ["a key of its own (RFC 7800)", { jwk: { kty: "EC" } }],
    ["the id of a key", { kid: "1" }],
    ["nothing", {}],
    ["text", "jkt"],
    ["a list", [jkt]],
    ["a thumbprint that is none", { jkt: "short" }],
    ["a thumbprint that is no text", { jkt: [jkt] }],
    ["an inherited thumbprint", Object.create({ jkt })],
  ])("that binds by %s is never ignored", (_what, cnf) => {
    expect(() => confirmationOf({ cnf })).toThrowError(expect.objectContaining({ code: "invalid_token" }));
  });
});
