/**
 * Scopes as providers write them: separated by spaces (RFC 6749 section 3.3) or commas, or as a list, without repeats.
 * Whatever is not a text lists none.
 */
export function scopesIn(value: unknown): readonly string[] {
  const entries = Array.isArray(value) ? value : typeof value === "string" ? split(value) : [];
  return [...new Set(entries.filter((entry): entry is string => typeof entry === "string" && entry !== ""))];
}

/** RFC 6749 allows a comma in the name of a scope: it separates only where no space does, or with one. */
function split(text: string): readonly string[] {
  const words = text.trim().split(/\s+/);
  const separatesByCommas = words.length === 1 || words.some((word) => /^,|,$/.test(word));
  return separatesByCommas ? text.split(/[\s,]+/) : words;
}

/** A lifetime in seconds, as a number or a text. `undefined` for what states none: 0, a negative number, words. */
export function lifetimeIn(value: unknown): number | undefined {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/**
 * The one spelling of an id that a provider states: a text that isn't blank, or a whole number as its digits.
 * `undefined` for anything else, which identifies nobody: a larger number has lost digits, and a text that is not
 * well-formed Unicode has the same UTF-8 bytes as others.
 */
export function identifier(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    return String(value);
  }
  return typeof value === "string" && /[^\s\p{C}]/u.test(value) && isWellFormed(value) ? value : undefined;
}

function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

const MAX_SHOWN = 200;

/** `value` of a token for a message: printable ASCII without quotes, of bounded length. */
export function show(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.replace(/[^\x20-\x7e]+|["\\]/g, "?").slice(0, MAX_SHOWN);
}

const MAX_LENGTH = 300;

/**
 * What a provider says, for a log: on one line, without control and formatting characters, of bounded length, and
 * without any of `secrets`.
 */
export function printable(text: string, secrets: readonly (string | undefined)[] = [], limit = MAX_LENGTH): string {
  let result = text;
  for (const secret of secrets) {
    if (secret !== undefined && secret !== "") {
      result = result.replaceAll(secret, "[removed]");
    }
  }
  const line = result.replace(/[\p{C}\p{Z}]+/gu, " ").trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
