/**
 * How many arrays and objects may stand in one another: far more than calls have. Beyond some thousands, whatever walks
 * them ends with its stack: a schema, or `JSON.stringify` when a handler gives its arguments back, or reports them. The
 * SDK leaves such a call without an answer, and what nobody awaits ends the process.
 */
export const MAX_NESTING = 500;

/** What a body takes to parse and to check. */
export interface BodyExtent {
  /** Whether it is nested deeper than {@link MAX_NESTING}. */
  readonly isTooDeep: boolean;
  /**
   * Its values: commas, colons and opening brackets, each of which precedes a value or a name. A schema may find
   * something wrong with each, and what it then keeps and says of one is a thousand times as long as `{},`. Of a body
   * that is too deep they are not all counted.
   */
  readonly values: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/**
 * Measures `json`; of text that is not JSON it says anything. It does not parse: that takes most of a second for 4 MiB
 * of `[[[[…`, and milliseconds for a long string.
 */
export function extentOf(json: string): BodyExtent {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(json, at);
    } else if (code === COMMA || code === COLON) {
      values += 1;
    }
    // "[" and "{", and what closes them: they differ in one bit.
    else if ((code | 0x20) === OPENING) {
      depth += 1;
      values += 1;
      if (depth > MAX_NESTING) {
        return { isTooDeep: true, values };
      }
    } else if ((code | 0x20) === CLOSING) {
      depth -= 1;
    }
  }
  return { isTooDeep: false, values };
}

function endOfString(json: string, start: number): number {
  let end = start;
  do {
    end = json.indexOf('"', end + 1);
  } while (end !== -1 && isEscaped(json, end));
  return end === -1 ? json.length : end;
}

function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json.charCodeAt(first - 1) === BACKSLASH) {
    first -= 1;
  }
  return (at - first) % 2 === 1;
}

/** The same of what somebody has parsed already. */
export function extentOfValue(value: unknown, levels = MAX_NESTING): BodyExtent {
  if (typeof value !== "object" || value === null) {
    return { isTooDeep: false, values: 0 };
  }
  if (levels === 0) {
    return { isTooDeep: true, values: 1 };
  }
  const members = Object.values(value);
  const colons = Array.isArray(value) ? 0 : members.length;
  let values = 1 + colons + Math.max(0, members.length - 1);
  for (const member of members) {
    const extent = extentOfValue(member, levels - 1);
    values += extent.values;
    if (extent.isTooDeep) {
      return { isTooDeep: true, values };
    }
  }
  return { isTooDeep: false, values };
}
