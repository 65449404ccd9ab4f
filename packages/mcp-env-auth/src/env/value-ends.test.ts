import { describe, expect, it } from "vitest";
import { hasSuspiciousEnds, isLikelyPlaceholder, isPlaceholder, withoutInvisibleEnds } from "./value-ends.ts";

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
    ["\u2066value\u2069", "value"],
    ["\u202avalue\u202c", "value"],
    ["\u061cvalue\u200e\u200f", "value"],
    ["\u200dvalue\u200c\u00ad", "value"],
    ["\u202fvalue\u2007", "value"],
    ["value\u2028\u2029", "value"],
    ["va\u200blue", "va\u200blue"],
    ["a family: \u{1f468}\u200d\u{1f469}", "a family: \u{1f468}\u200d\u{1f469}"],
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
  it.each([
    "YOUR_CLIENT_ID",
    "your-secret",
    "…",
    "...",
    "<client secret>",
    " <secret> ",
    "<your-id>",
    "<…>",
    "********",
    "••••••••",
    "[redacted]",
  ])("is %j", (text) => {
    expect(isPlaceholder(text)).toBe(true);
  });

  it.each([
    "https://YOUR_TENANT.us.auth0.com/",
    "yourself",
    "a…",
    "<a><b>",
    "..",
    "not<this>",
    "<x1>",
    "*",
    "***",
    "changeme",
  ])("is not %j", (text) => {
    expect(isPlaceholder(text)).toBe(false);
  });
});

describe("what may be a placeholder or a chosen value", () => {
  it.each([
    "changeme",
    "CHANGE_ME",
    "change-me!",
    "replace me",
    "insert-secret-here",
    "TODO",
    "xxxx",
    "{client_id}",
    "[secret]",
  ])("is %j", (text) => {
    expect(isLikelyPlaceholder(text)).toBe(true);
    expect(isPlaceholder(text)).toBe(false);
  });

  it.each(["changemenot", "a-todo", "xx", "{}", "[]", '["openid"]', '{"a":"b"}', "exchange-me", "secret"])(
    "is not %j",
    (text) => {
      expect(isLikelyPlaceholder(text)).toBe(false);
    },
  );
});
