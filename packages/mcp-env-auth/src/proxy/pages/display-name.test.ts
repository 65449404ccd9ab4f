import { describe, expect, it } from "vitest";
import { displayName } from "./display-name.ts";

describe("Security rule 1: the name that a page shows of a client", () => {
  it.each([
    ["Claude Code", "Claude Code"],
    ["  Claude\nCode\u2028 ", "Claude Code"],
    ["Bob's & Eve’s App", "Bob's & Eve’s App"],
    ["Café 東京 تطبيق", "Café 東京 تطبيق"],
    ["क्षि नमस्ते", "क्षि नमस्ते"],
    ["C++ <Desktop> #2", "C++ <Desktop> #2"],
  ])("is as the client wrote it, on one line: %j", (name, expected) => {
    expect(displayName(name)).toBe(expected);
  });

  it.each([
    "“Claude”",
    "«Claude»",
    "„Claude“",
    '"Claude"',
    "`Claude`",
    "'Claude'",
    "「Claude」",
    "＂Claude＂",
    "\u202eClaude\u202c",
    "\u2066Claude\u2069",
    "Cl\u200baude",
    "Cl\u00adaude",
    "\u{e0056}Claude",
    "\u2800Claude\u3164",
    "\u0000Claude\u007f",
  ])("has no quotation marks, controls or marks of direction: %j", (name) => {
    expect(displayName(name)).toBe("Claude");
  });

  it.each([
    "Claude ✓",
    "Claude ✔️",
    "✅ Claude",
    "☑Claude",
    "Claude √",
    "🛡️ Claude",
    "Claude 🔒",
    "Claude ⭐",
    "🇩🇪 Claude",
    "Claude ®",
  ])("has no sign that could pass for a mark of approval: %j", (name) => {
    expect(displayName(name)).toBe("Claude");
  });

  it.each([
    "Claude (verified)",
    "Claude VERIFIED",
    "Verified Claude",
    "Claude [V e r i f i e d]",
    "Claude v.e.r.i.f.i.e.d.",
    "Claude ververifiedified",
    "Claude vеrіfіеd",
    "Claude ѵеrіfіеԁ",
    "Claude νerιfιed",
    "Claude ｖｅｒｉｆｉｅｄ",
    "Claude 𝐯𝐞𝐫𝐢𝐟𝐢𝐞𝐝",
    "Claude ⓥⓔⓡⓘⓕⓘⓔⓓ",
    "Claude ᴠᴇʀɪꜰɪᴇᴅ",
    "Claude v\u0301erifi\u0308ed",
    "Claude ver\u200bified",
    "Claude ver1f1ed",
    "Claude verlfled",
    "Claude vérifié",
    "Claude verifiziert",
    "Claude (verificado)",
    "Claude 確認済み",
    "Claude【検証済み】",
  ])("never has our own word for a verified domain: %j", (name) => {
    const shown = displayName(name) ?? "";
    expect(shown).toMatch(/^Claude\P{L}*$/u);
  });

  it.each(["", "✓✓", "“”", "verified", "(...)", "\u200b"])("is none where nothing is left: %j", (name) => {
    expect(displayName(name)).toBeUndefined();
  });

  it("has at most 60 characters, as people count them", () => {
    expect(displayName("x".repeat(60))).toBe("x".repeat(60));
    expect(displayName("x".repeat(61))).toBe(`${"x".repeat(59)}…`);
    expect(displayName("क्षि".repeat(61))).toBe(`${"क्षि".repeat(59)}…`);
  });
});
