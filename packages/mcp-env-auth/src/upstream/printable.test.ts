import { describe, expect, it } from "vitest";
import { printable } from "./provider-values.ts";

describe("Security rule 11: what a provider says, for a log", () => {
  it.each([
    ["two\r\nlines\u0000", "two lines"],
    ["\u001b[31mred\u202e\u200bturned", "[31mred turned"],
    ["a\u2028b\u00a0c", "a b c"],
    ["\ud800 half", "half"],
    ["Zug\u00e4nge f\u00fcr \u65e5\u672c", "Zug\u00e4nge f\u00fcr \u65e5\u672c"],
    ["", ""],
  ])("is on one line, in characters that can be seen: %j", (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it("is of bounded length", () => {
    expect(printable("x".repeat(1000))).toHaveLength(300);
    expect(printable("x".repeat(1000), [], 20)).toBe(`${"x".repeat(19)}…`);
  });

  it("holds no secret, whatever is missing of them", () => {
    expect(printable("code abc and abc, not abd", ["abc", undefined, ""])).toBe(
      "code [removed] and [removed], not abd",
    );
  });
});
