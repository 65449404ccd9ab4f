/**
 * Control characters, non-breaking spaces and byte order marks: no editor shows them, and no value is meant to have
 * them.
 */
const INVISIBLE = "[\\p{Cc}\\u00a0\\u200b\\u2060\\ufeff]";

const AT_THE_ENDS = new RegExp(`^${INVISIBLE}+|${INVISIBLE}+$`, "gu");

const SPACE_OR_QUOTE = /^[\s"'`\u2018-\u201f\u00ab\u00bb]|[\s"'`\u2018-\u201f\u00ab\u00bb]$/;

const PLACEHOLDER = /^(?:YOUR[_-][\w-]*|\u2026+|\.{3,}|<[\p{L}\s_.\u2026-]+>)$/iu;

/** `text` without the invisible characters that Kubernetes, `docker run --env-file` and editors leave at its ends. */
export function withoutInvisibleEnds(text: string): string {
  return text.replace(AT_THE_ENDS, "");
}

/** Whether `text` begins or ends with a space or a quote, which may belong to a secret. */
export function hasSuspiciousEnds(text: string): boolean {
  return SPACE_OR_QUOTE.test(text);
}

/** Whether `text` is what stands in documentation in the place of a value. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text.trim());
}
