import { describe, expect, it } from "vitest";
import { hasSuspiciousEnds, isPlaceholder, withoutInvisibleEnds } from "./value-ends.ts";

describe("the ends of a value", () => {
  it.each([
    ["value\r", "value"],
    ["value\n", "value"],
    ["value\r\n", "value"],
    ["\ufeffvalue", "value"],
    ["\u00a0value\u00a0", "value"],
    ["\u200bvalue\t", "value"],
    [" value ", " value "],
    ['"value"', '"value"'],
    ["a\r\nb\n", "a\r\nb"],
    ["\n", ""],
    ["", ""],
  ])("lose what nobody sees, and nothing else: %j", (text, expected) => {
    expect(withoutInvisibleEnds(text)).toBe(expected);
  });

  it.each([" value", "value ", '"value"', "'value", "\u201cvalue\u201d", "\u2018value"])(
    "are suspicious: %j",
    (text) => {
      expect(hasSuspiciousEnds(text)).toBe(true);
    },
  );

  it("are not suspicious in a plain value", () => {
    for (const text of ["value", "va lue", 'a"b', ""]) {
      expect(hasSuspiciousEnds(text)).toBe(false);
    }
  });
});

describe("a placeholder", () => {
  it.each(["YOUR_CLIENT_ID", "your-secret", "…", "...", "<client secret>", " <secret> ", "<your-id>", "<…>"])(
    "is %j",
    (text) => {
      expect(isPlaceholder(text)).toBe(true);
    },
  );

  it.each(["https://YOUR_TENANT.us.auth0.com/", "yourself", "a…", "<a><b>", "..", "not<this>", "<x1>"])(
    "is not %j",
    (text) => {
      expect(isPlaceholder(text)).toBe(false);
    },
  );
});
