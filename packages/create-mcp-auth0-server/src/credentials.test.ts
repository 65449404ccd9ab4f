import { describe, expect, it } from "vitest";
import { parseAudience, parseClientId, parseClientSecret, parseScopes } from "./credentials.ts";

describe("what the tenant gives out", () => {
  it("is taken without the white space around it", () => {
    expect(parseClientId(" abc123 ")).toEqual({ ok: true, value: "abc123" });
    expect(parseClientSecret("s3cret\n")).toEqual({ ok: true, value: "s3cret" });
    expect(parseAudience("https://api.example.com/ ")).toEqual({ ok: true, value: "https://api.example.com/" });
  });

  it.each([
    [parseClientId, "", "is empty"],
    [parseClientId, "two words", "not a client id"],
    [parseClientId, "https://tenant.us.auth0.com", "not a client id"],
    [parseClientSecret, "\n", "is empty"],
    [parseClientSecret, "first\nsecond", "line break"],
    [parseAudience, " ", "is empty"],
    [parseAudience, "https://api\u0000", "control character"],
  ] as const)("%o refuses %j: %s", (parse, input, words) => {
    expect(parse(input)).toEqual({ ok: false, problem: expect.stringContaining(words) as unknown });
  });

  it("is not quoted when it is a secret", () => {
    const refused = parseClientSecret("hush\u0007hush");
    expect(refused.ok).toBe(false);
    expect(JSON.stringify(refused)).not.toContain("hush");
  });
});

describe("scopes", () => {
  it.each(["openid,weather:read", "openid weather:read", " openid , weather:read,openid "])(
    "are read from %j",
    (input) => {
      expect(parseScopes(input)).toEqual({ ok: true, value: ["openid", "weather:read"] });
    },
  );

  it.each(["", " , ", 'open"id', "wetter:größe", "a\\b"])("are refused with a sentence: %j", (input) => {
    expect(parseScopes(input)).toEqual({ ok: false, problem: expect.stringMatching(/\.$/) as unknown });
  });
});
