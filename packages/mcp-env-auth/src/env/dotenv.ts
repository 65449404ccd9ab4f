/**
 * The `.env` dialect of python-dotenv, which a FastMCP `.env` is written in. It differs from the npm package dotenv:
 * `pa#ss` is whole without quotes, and `${NAME}` is replaced everywhere.
 */

/** What a `.env` file says. */
export interface Dotenv {
  /** In the file's order; a later assignment wins. `undefined` for a name without `=`, which sets nothing. */
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Lines, counted from 1, that could not be read and were skipped. */
  readonly unreadableLines: readonly number[];
  /**
   * Of values with `${NAME}` and no default, the names that are not set and were replaced by an empty text: those of
   * the value itself, and of the values that it is made of.
   */
  readonly unset: ReadonlyMap<string, readonly string[]>;
}

/** One assignment of a file, with the places of its parts in the text. */
export interface Binding {
  readonly key: string;
  /** Before anything is replaced in it. */
  readonly value: string | undefined;
  readonly start: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** Where the value begins, with its quotes, and ends; both at the end of the key where there is no `=`. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** After the line break. */
  readonly end: number;
}

/**
 * Parses the text of a `.env` file.
 *
 * @param outer Values for `${NAME}` that the file has not set before; the file's own go first.
 */
export function parseDotenv(text: string, outer: Readonly<Record<string, string | undefined>> = {}): Dotenv {
  const scanner = new Scanner(text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n"));
  const values = new Map<string, string | undefined>();
  const unreadableLines: number[] = [];
  const unset = new Map<string, readonly string[]>();
  const lookup = (name: string) => {
    if (values.has(name)) {
      return values.get(name) ?? "";
    }
    return Object.hasOwn(outer, name) ? outer[name] : undefined;
  };
  const assign = ({ key, value }: Binding) => {
    const missing = new Set<string>();
    const text = value === undefined ? undefined : interpolate(value, lookup, missing, unset);
    values.set(key, text);
    unset.delete(key);
    if (missing.size > 0) {
      unset.set(key, [...missing]);
    }
  };
  for (const { binding, line } of readBindings(scanner)) {
    if (binding === "unreadable") {
      unreadableLines.push(line);
    } else {
      assign(binding);
    }
  }
  return { values, unreadableLines, unset };
}

/** The assignments of a text without a byte order mark and with plain line breaks, in its order. */
export function listBindings(text: string): Binding[] {
  return Array.from(readBindings(new Scanner(text)), ({ binding }) => binding).filter(
    (binding) => binding !== "unreadable",
  );
}

function* readBindings(
  scanner: Scanner,
): Generator<{ readonly binding: Binding | "unreadable"; readonly line: number }> {
  while (!scanner.atEnd()) {
    scanner.take(SPACE_AND_NEWLINES);
    const line = scanner.line();
    const binding = readBinding(scanner);
    if (binding === "unreadable") {
      yield { binding, line };
      scanner.take(REST_OF_LINE);
    } else if (binding !== undefined) {
      yield { binding, line };
    }
  }
}

// What Python's `\s` matches in text; that of JavaScript lacks five of these and has U+FEFF.
const SPACE = "[\\t\\v\\f \\x1c-\\x1f\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const SPACE_AND_NEWLINES = new RegExp(`(?:${SPACE}|\\n)*`, "y");
const SPACES = new RegExp(`${SPACE}*`, "y");
const EXPORT = new RegExp(`export${SPACE}+`, "y");
const QUOTED_KEY = /'([^']+)'/y;
const PLAIN_KEY = new RegExp(`((?:(?!${SPACE})[^=#\\n])+)`, "y");
const EQUAL_SIGN = new RegExp(`=(${SPACE}*)`, "y");
const SINGLE_QUOTED = /'((?:\\.|[^'\\])*)'/sy;
const DOUBLE_QUOTED = /"((?:\\.|[^"\\])*)"/sy;
const REST_OF_LINE = /[^\n]*\n?/y;
const PLAIN_VALUE = /([^\n]*)/y;
const INLINE_COMMENT = new RegExp(`${SPACE}+#.*$`, "s");
const TRAILING_SPACE = new RegExp(`${SPACE}+$`);
const COMMENT = new RegExp(`(?:${SPACE}*#[^\\n]*)?`, "y");
const END_OF_LINE = new RegExp(`${SPACE}*(?:\\n|$)`, "y");

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function readBinding(scanner: Scanner): Binding | "unreadable" | undefined {
  if (scanner.atEnd()) {
    return undefined;
  }
  const start = scanner.position();
  scanner.take(EXPORT);
  const keyStart = scanner.position();
  const isComment = scanner.peek() === "#";
  const key = isComment ? "" : scanner.take(scanner.peek() === "'" ? QUOTED_KEY : PLAIN_KEY);
  if (key === undefined) {
    return "unreadable";
  }
  const keyEnd = scanner.position();
  scanner.take(SPACES);
  const value = scanner.peek() === "=" ? readValue(scanner) : { text: undefined, valueStart: keyEnd, valueEnd: keyEnd };
  if (value === "unreadable") {
    return "unreadable";
  }
  const { text, valueStart, valueEnd } = value;
  scanner.take(COMMENT);
  if (scanner.take(END_OF_LINE) === undefined) {
    return "unreadable";
  }
  return isComment
    ? undefined
    : { key, value: text, start, keyStart, keyEnd, valueStart, valueEnd, end: scanner.position() };
}

interface Value {
  readonly text: string;
  readonly valueStart: number;
  readonly valueEnd: number;
}

function readValue(scanner: Scanner): Value | "unreadable" {
  const space = scanner.take(EQUAL_SIGN);
  const next = scanner.peek();
  const valueStart = scanner.position();
  if (next === "#" && space !== "") {
    return { text: "", valueStart, valueEnd: valueStart };
  }
  if (next === "'" || next === '"') {
    const quoted = scanner.take(next === "'" ? SINGLE_QUOTED : DOUBLE_QUOTED);
    const escapes = next === "'" ? /\\(['\\])/g : /\\(['"\\abfnrtv])/g;
    return quoted === undefined
      ? "unreadable"
      : { text: withoutEscapes(quoted, escapes), valueStart, valueEnd: scanner.position() };
  }
  const text = (scanner.take(PLAIN_VALUE) ?? "").replace(INLINE_COMMENT, "").replace(TRAILING_SPACE, "");
  return { text, valueStart, valueEnd: valueStart + text.length };
}

function withoutEscapes(quoted: string, escapes: RegExp): string {
  return quoted.replace(escapes, (_match, letter: string) => ESCAPES[letter] ?? letter);
}

/** Reads a text from left to right by sticky expressions. */
class Scanner {
  readonly #text: string;
  #position = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** The next character; empty at the end. */
  peek(): string {
    return this.#text.charAt(this.#position);
  }

  /** Moves past a match and gives its first group, else the match; `undefined` when there is none. */
  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) {
      return undefined;
    }
    this.#position += match[0].length;
    this.#line += match[0].split("\n").length - 1;
    return match[1] ?? match[0];
  }

  /** Characters from the beginning. */
  position(): number {
    return this.#position;
  }

  /** The line it is on, counted from 1. */
  line(): number {
    return this.#line;
  }
}

const REFERENCE = /\$\{([^}:]*)(?::-([^}]*))?\}/g;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in `value`; an unknown name without a default becomes nothing, and is added
 * to `missing` with those that the values used are `unset` in. `$NAME` stays as it is. The result is not looked at
 * again.
 */
function interpolate(
  value: string,
  lookup: (name: string) => string | undefined,
  missing: Set<string>,
  unset: ReadonlyMap<string, readonly string[]>,
): string {
  return value.replace(REFERENCE, (_match, name: string, fallback: string | undefined) => {
    const found = lookup(name);
    const absent = found === undefined && fallback === undefined ? [name] : (unset.get(name) ?? []);
    for (const each of absent) {
      missing.add(each);
    }
    return found ?? fallback ?? "";
  });
}

/** A value as a `.env` spells it, so that it is read back as it is. `${` can't be kept from being replaced. */
export function quoteEnvValue(value: string): string {
  if (!/[\s#'"\\]/.test(value)) {
    return value;
  }
  return value.includes("'") ? `"${value.replace(/["\\]/g, "\\$&")}"` : `'${value.replaceAll("\\", "\\\\")}'`;
}
