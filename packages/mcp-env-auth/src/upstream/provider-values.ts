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
  const separatesByCommas = words.length === 1 || words.some((word) => word.endsWith(","));
  return separatesByCommas ? text.split(/[\s,]+/) : words;
}

/** A lifetime in seconds, as a number or a text. `undefined` for what states none: 0, a negative number, words. */
export function lifetimeIn(value: unknown): number | undefined {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
