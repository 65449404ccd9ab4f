import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanName, isPresentable } from "./client-name.ts";

describe("Security rule 1: a client's name is one that its user can see", () => {
  it.each([
    "Claude",
    "Visual Studio Code",
    "C#",
    "1",
    "<b>&\"'`",
    "Bücher",
    "Bu\u0308cher",
    "Tie\u0302\u0301ng Vie\u0323\u0302t",
    "Клиент",
    "عميل",
    "می\u200cخواهم",
    "عَمِيلٌ",
    "שָׁלוֹם",
    "ক্লায়েন্ট",
    "ক্\u200cষ",
    "ශ්\u200dරී ලංකා",
    "க்ளையன்ட்",
    "น้ำ",
    "བསྒྲུབས",
    "ကြောင်း",
    "클라이언트",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "クライアント",
    "葛\u{e0100}城",
    "客户端",
    "★",
    "\u{1f916}",
    "Robot \u{1f916} client",
    "\u{1f469}\u200d\u{1f4bb}",
    "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466} family",
    "\u{1f3f4}\u200d\u2620\ufe0f",
    "\u2764\ufe0f",
    "1\ufe0f\u20e3",
    "\u{1f1e9}\u{1f1ea}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "x".repeat(200),
  ])("takes %j", (name) => {
    expect(isPresentable(name)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["a space", " "],
    ["wide spaces", "\u3000\u00a0"],
    ["soft hyphens, word joiners and fillers", "\u00ad\u2060\u3164"],
    ["a Hangul filler", "\u115f"],
    ["a half-width filler", "Claude\uffa0"],
    ["a Braille blank", "\u2800"],
    ["a zero width space", "Cla\u200bude"],
    ["joiners between Latin letters", "A\u200d\u200cB"],
    ["a joiner alone", "\u200d"],
    ["a joiner that joins no known emoji", "\u{1f916}\u200dA"],
    ["an Arabic letter and a joiner at its end", "ع\u200d"],
    ["tags", "Claude\u{e0041}\u{e0042}"],
    ["tags after a flag that is none", "\u{1f3f4}\u{e0041}\u{e007f}"],
    ["variation selectors", "C\ufe0flaude"],
    ["variations of what is not Han", "C\u{e0100}laude"],
    ["turned text", "a\u202egpj.exe"],
    ["isolated text", "a\u2066b\u2069"],
    ["a line break", "a\nb"],
    ["a line separator", "a\u2028b"],
    ["private use", "\ue000"],
    ["half a surrogate pair", "a\ud83d"],
    ["a mark alone", "\u0301"],
    ["a mark after a space", "a \u0336b"],
    ["stacked marks", "Cla\u0301\u0336\u0337\u0338ude"],
    ["many marks of a script", `\u0e19${"\u0e49".repeat(7)}`],
    ["too much", "x".repeat(201)],
  ])("refuses %s", (_what, name) => {
    expect(isPresentable(name)).toBe(false);
  });
});

describe("Security rule 1: a client's name is cleaned of what its user can't see", () => {
  it.each([
    ["Claude\r\n\r\nCode", "Claude Code"],
    ["Claude\u2028Code", "Claude Code"],
    ["  \tClaude \n", "Claude"],
    ["\u200eClaude\u200f", "Claude"],
    ["Claude \u202egro.live", "Claude gro.live"],
    ["Cla\u200bu\u00adde", "Claude"],
    ["\ufeffVisual Studio Code", "Visual Studio Code"],
    ["a\u0000b", "a b"],
    ["a\ud83d", "a"],
    ["\u0301a", "a"],
    ["a \u0336b", "a b"],
    ["Cla\u0301\u0336\u0337\u0338ude", "Cla\u0301\u0336\u0337ude"],
    [`\u0e19${"\u0e49".repeat(9)}`, `\u0e19${"\u0e49".repeat(6)}`],
    ["\u{1f916}\u200dA", "\u{1f916}A"],
    ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u200efamily", "\u{1f468}\u200d\u{1f469}\u200d\u{1f467} family"],
    ["می\u200cخواهم\n", "می\u200cخواهم"],
    ["葛\u{e0100}\n城", "葛\u{e0100} 城"],
    ["C\ufe0flaude", "Claude"],
  ])("%j", (name, clean) => {
    expect(cleanName(name)).toBe(clean);
  });

  it.each(["\u200b\u200b", "\n", "\u2800", "\u3164", "\u0301"])("%j is no name", (name) => {
    expect(cleanName(name)).toBeUndefined();
  });

  it("whatever it is, so that what is left can be shown, and cleaning it again changes nothing", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    const odd = fc.string({
      unit: fc.constantFrom(
        "a",
        " ",
        "\n",
        "\u0301",
        "\u0336",
        "\u0e49",
        "\u200d",
        "\u{1f916}",
        "\ufe0f",
        "\u202e",
        "ع",
        "葛",
        "\u{e0100}",
      ),
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.oneof(text, odd), (name) => {
        const clean = cleanName(name);
        if (clean === undefined) {
          return;
        }
        expect(isPresentable(clean)).toBe(true);
        expect(cleanName(clean)).toBe(clean);
      }),
    );
  });
});
