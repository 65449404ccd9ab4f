import { describe, expect, it } from "vitest";
import { identifier } from "./provider-values.ts";

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
