import { describe, expect, it } from "vitest";
import { printable, printableJson, printableLines } from "./terminal-text.ts";

describe("text for a terminal", () => {
  it.each([
    ["an escape sequence", "a\u001b[2Jb", "ab"],
    ["a line break", "a\r\nb", "a  b"],
    ["an override of the direction", "a\u202eb", "a b"],
    ["an isolate", "a\u2066b\u2069", "a b "],
    ["a mark of direction", "a\u200fb", "a b"],
  ])("leaves out %s", (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("keeps letters of every script, and joined characters", () => {
    const text = "Zugänge 名前 👩‍💻";
    expect(printable(text)).toBe(text);
  });
});

describe("several lines for a terminal", () => {
  it.each([
    ["a\nb\n", "a\nb\n"],
    ["a\r\nb", "a\nb"],
    ["done\rfake", "done\nfake"],
    ["a\u001b]0;title\u0007b\n\u001b[31mc", "ab\nc"],
    ["\u009b2Ja", "a"],
    ["a\tb\u0000\u0085c", "a b  c"],
  ])("%j become %j", (text, shown) => {
    expect(printableLines(text)).toBe(shown);
  });

  it("as JSON mean the same, in escapes", () => {
    const value = { "a\u009b": ["\u001b[2J\r\n", "\u202eb\u2066", "Zugänge 名前 👩‍💻", 5, null] };
    const json = printableJson(value);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(json).toContain("Zugänge 名前 👩‍💻");
    expect(json.split("\n")).toHaveLength(9);
  });
});
