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
const BACKSLASH = 0x5c;

/** The kinds of bytes outside strings in JSON. No other character contains one of these bytes in UTF-8. */
const KINDS = new Uint8Array(256);
const STRING = 1;
const VALUE = 2;
const OPENING = 3;
const CLOSING = 4;
for (const [kind, characters] of Object.entries({ [STRING]: '"', [VALUE]: ",:", [OPENING]: "[{", [CLOSING]: "]}" })) {
  for (const byte of Buffer.from(characters)) {
    KINDS[byte] = Number(kind);
  }
}

/**
 * Measures JSON in UTF-8; of text that is not JSON it says anything. It does not parse: that takes most of a second for
 * 4 MiB of `[[[[…`, and milliseconds for a long string.
 */
export function extentOf(json: Buffer): BodyExtent {
  let depth = 0;
  let values = 0;
  for (let at = nextOf(json, 0); at < json.length; at = nextOf(json, at + 1)) {
    switch (KINDS[json[at] as number]) {
      case STRING:
        at = endOfString(json, at);
        break;
      case VALUE:
        values += 1;
        break;
      case OPENING:
        depth += 1;
        values += 1;
        if (depth > MAX_NESTING) {
          return { isTooDeep: true, values };
        }
        break;
      case CLOSING:
        depth -= 1;
        break;
    }
  }
  return { isTooDeep: false, values };
}

/** Where the next byte is that has a kind. A loop of its own: V8 makes that a third as long. */
function nextOf(json: Buffer, from: number): number {
  let at = from;
  while (at < json.length && KINDS[json[at] as number] === 0) {
    at += 1;
  }
  return at;
}

/** How many bytes are looked at one by one before the next quote is searched for: a search takes as long as these. */
const NEAR = 64;

function endOfString(json: Buffer, start: number): number {
  let at = start + 1;
  for (;;) {
    const far = Math.min(at + NEAR, json.length);
    while (at < far) {
      const byte = json[at];
      if (byte === QUOTE) {
        return at;
      }
      at += byte === BACKSLASH ? 2 : 1;
    }
    const end = json.indexOf(QUOTE, at);
    if (end === -1) {
      return json.length;
    }
    if (!isEscaped(json, at, end)) {
      return end;
    }
    at = end + 1;
  }
}

/** @param from where no character is escaped by those before. */
function isEscaped(json: Buffer, from: number, at: number): boolean {
  let first = at;
  while (first > from && json[first - 1] === BACKSLASH) {
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
