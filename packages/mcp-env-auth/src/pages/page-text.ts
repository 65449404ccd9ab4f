import { DAY } from "../lib/clock.ts";
import { Html, html } from "./html.ts";

/** What stands in a text in place of `{name}`. */
export const PLACEHOLDER = /\{(\w+)\}/;

/**
 * Fills the `{names}` of a text. Values are escaped, unless they are {@link Html} already.
 *
 * @throws RangeError for a name without a value.
 */
export function fillText(text: string, values: Readonly<Record<string, string | number | Html>>): Html {
  const markup = text.split(PLACEHOLDER).map((part, index) => {
    const value = index % 2 === 0 ? part : Object.hasOwn(values, part) ? values[part] : undefined;
    if (value === undefined) {
      throw new RangeError(`The text has no value for {${part}}: ${text}`);
    }
    return html`${value}`.markup;
  });
  return new Html(markup.join(""));
}

/** {@link fillText} for where there is no markup, such as a title. */
export function fillPlain(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(new RegExp(PLACEHOLDER, "g"), (_whole, name: string) => values[name] ?? "");
}

const UNITS = [
  ["day", DAY],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A time in the largest unit that it has at least two of, rounded down, such as "30 days" or "90 minutes". */
export function durationText(seconds: number, language: string): string {
  const [unit, length] = UNITS.find(([, each]) => seconds >= 2 * each) ?? (["second", 1] as const);
  const format = new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" });
  return format.format(Math.floor(seconds / length));
}
