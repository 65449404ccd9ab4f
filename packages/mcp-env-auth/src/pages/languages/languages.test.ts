import { describe, expect, it } from "vitest";
import { pageStates, renderState } from "../../../../../scripts/support/page-states.mjs";
import { chooseLanguage, LANGUAGES } from "../page-frame.ts";
import { PLACEHOLDER } from "../page-text.ts";
import { en, type Texts } from "./en.ts";

const placeholders = (text: string) => (text.match(new RegExp(PLACEHOLDER, "g")) ?? []).sort();

/** Each text between marks: what a page shows outside of them is not translated. */
const PSEUDO = Object.fromEntries(
  Object.entries(en).map(([name, text]) => [
    name,
    /^(?:language|direction)$/.test(name) ? text : `\u27e6${text}\u27e7`,
  ]),
) as Texts;

describe.each(LANGUAGES.map((texts) => [texts.language, texts] as const))("the texts in %s", (_language, texts) => {
  it("are all there, each with the names that it fills in", () => {
    expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort());
    const wrong = Object.entries(texts).filter(
      ([name, text]) => text.trim() === "" || `${placeholders(text)}` !== `${placeholders(en[name as keyof Texts])}`,
    );
    expect(wrong).toEqual([]);
  });

  it("are translated", () => {
    const same = Object.entries(texts).filter(([name, text]) => text === en[name as keyof Texts]);
    expect(texts === en || same.every(([name]) => ["direction"].includes(name))).toBe(true);
  });

  it.each(Object.keys(pageStates))("fill the page %s", (state) => {
    const page = renderState(state, texts);
    expect(page).toContain(`<html lang="${texts.language}" dir="${texts.direction}">`);
    expect(page.replace(/<style>.*<\/style>/s, "")).not.toMatch(/\{\w+\}/);
  });
});

describe("a pseudo-language", () => {
  it.each(Object.keys(pageStates))("shows that nothing on the page %s is left in English", (state) => {
    const body = renderState(state, PSEUDO).replace(/^.*<main>|<\/main>.*$/gs, "");
    // What comes from the client, the developer or the configuration.
    const foreign = body.replace(/<(bdi|code)\b[^>]*>.*?<\/\1>/gs, "").replace(/<b>\d+<\/b>/g, "");
    const text = foreign.replace(/<[^>]*>/g, "");
    // A text may stand within another.
    let rest = text;
    while (/\u27e6[^\u27e6\u27e7]*\u27e7/.test(rest)) {
      rest = rest.replace(/\u27e6[^\u27e6\u27e7]*\u27e7/g, "");
    }
    expect(rest.match(/[A-Za-z]{2,}/g) ?? []).toEqual([]);
  });
});

describe("the language of a page", () => {
  it.each([
    ["", undefined, "en"],
    ["", "de-CH,de;q=0.9,en;q=0.8", "de"],
    ["", "nl, fr;q=0.5, es;q=0.9", "es"],
    ["", "ja;q=0, fr", "fr"],
    ["", "*", "en"],
    ["", ";;;q=x,,", "en"],
    ["ja de", "fr", "ja"],
    ["nl", "fr", "fr"],
    ["ES-mx", "fr", "es"],
    ["", `${"nl,".repeat(1000)}de`, "en"],
  ])("by ui_locales %j and Accept-Language %j is %s", (uiLocales, accepted, expected) => {
    const headers = accepted === undefined ? {} : { "accept-language": [accepted] };
    expect(chooseLanguage({ headers }, uiLocales).language).toBe(expected);
  });
});
