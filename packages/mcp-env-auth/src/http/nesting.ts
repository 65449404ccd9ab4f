/**
 * How many arrays and objects may stand in one another: far more than calls have. Beyond some thousands, whatever walks
 * them ends with its stack: a schema, or `JSON.stringify` when a handler gives its arguments back, or reports them. The
 * SDK leaves such a call without an answer, and what nobody awaits ends the process.
 */
export const MAX_NESTING = 500;

/** A body of fewer characters can't be nested too deep: each level opens and closes. */
const MIN_LENGTH = 2 * MAX_NESTING;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether `json` is nested deeper than {@link MAX_NESTING}; of text that is not JSON it says anything. It does not
 * parse: that takes most of a second for 4 MiB of `[[[[…`, and milliseconds for a long string.
 */
export function isNestedTooDeep(json: string): boolean {
  if (json.length <= MIN_LENGTH) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    // "[" and "{", and what closes them: they differ in one bit.
    else if ((code | 0x20) === 0x7b) depth += 1;
    else if ((code | 0x20) === 0x7d) depth -= 1;
    if (depth > MAX_NESTING) return true;
  }
  return false;
}

function endOfString(json: string, start: number): number {
  let end = start;
  do end = json.indexOf('"', end + 1);
  while (end !== -1 && isEscaped(json, end));
  return end === -1 ? json.length : end;
}

function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

/** The same of what somebody has parsed already. */
export function isValueNestedTooDeep(value: unknown, levels = MAX_NESTING): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isValueNestedTooDeep(member, levels - 1));
}
