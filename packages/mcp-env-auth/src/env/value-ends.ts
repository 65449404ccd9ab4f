/**
 * Control characters, non-breaking spaces, byte order marks, and characters of no width or of direction: no editor
 * shows them, and no value is meant to have them.
 */
const INVISIBLE =
  "[\\p{Cc}\\u00a0\\u00ad\\u061c\\u180e\\u2007\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]";

const AT_THE_ENDS = new RegExp(`^${INVISIBLE}+|${INVISIBLE}+$`, "gu");

/** A predicate for a variable whose value was trimmed. */
export const INVISIBLE_ENDS = "has invisible characters at its ends, which are ignored. Remove them.";

const SPACE_OR_QUOTE = /^[\s"'`\u2018-\u201f\u00ab\u00bb]|[\s"'`\u2018-\u201f\u00ab\u00bb]$/;

/** Placeholders of documentation, and masks that dashboards show instead of a secret. */
const PLACEHOLDER = /^(?:YOUR[_-][\w-]*|\u2026+|\.{3,}|<[\p{L}\s_.\u2026-]+>|[*\u2022\u25cf]{4,}|\[redacted\])$/iu;

/** What may be a value that somebody has really chosen. */
const LIKELY_PLACEHOLDER =
  /^(?:change[ _-]?me!?|replace[ _-]?(?:me|this)!?|(?:insert|enter|put|paste|add)[ _-].*[ _-]here|(?:todo|tbd|fixme|placeholder|x{3,})|\{[\p{L}\s_-]+\}|\[[\p{L}\s_-]+\])$/iu;

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

/** Whether `text` may be one, and may be a value that somebody has really chosen. */
export function isLikelyPlaceholder(text: string): boolean {
  return LIKELY_PLACEHOLDER.test(text.trim());
}

/** Whether a value, or an item of a list or record, is a placeholder. */
export function holdsPlaceholder(value: unknown): boolean {
  if (typeof value === "string") {
    return isPlaceholder(value);
  }
  if (Array.isArray(value)) {
    return value.some(holdsPlaceholder);
  }
  const isRecord = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isRecord && Object.values(value).some(holdsPlaceholder);
}
