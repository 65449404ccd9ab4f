import { describe, expect, it } from "vitest";
import { html } from "./html.ts";
import { durationText, fillPlain, fillText } from "./page-text.ts";

describe("a text of a page", () => {
  it("is filled with escaped values, and with markup of ours as it is", () => {
    const filled = fillText("{who} & {what}, {what}", { who: html`<b>Eve</b>`, what: "<i>" });
    expect(filled.markup).toBe("<b>Eve</b> &amp; &lt;i&gt;, &lt;i&gt;");
  });

  it("is filled once: a value with braces stays as it is", () => {
    expect(fillText("{a} {b}", { a: "{b}", b: "c" }).markup).toBe("{b} c");
    expect(fillPlain("{a} {b}", { a: "{b}", b: "c" })).toBe("{b} c");
  });

  it("fails without a value", () => {
    expect(() => fillText("{a}", {})).toThrow(RangeError);
    expect(() => fillText("{constructor}", {})).toThrow(RangeError);
  });

  it.each([
    [30 * 86_400, "en", "30 days"],
    [2_592_000, "de", "30 Tage"],
    [86_400, "en", "24 hours"],
    [5400, "en", "90 minutes"],
    [1, "en", "1 second"],
  ])("says %d seconds in words (%s)", (seconds, language, expected) => {
    expect(durationText(seconds, language)).toBe(expected);
  });
});
