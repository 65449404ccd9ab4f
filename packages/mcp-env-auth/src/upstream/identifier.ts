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
