import { describe, expect, it } from "vitest";
import { printable } from "./terminal-text.ts";

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
