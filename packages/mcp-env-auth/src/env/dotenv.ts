/**
 * The `.env` dialect of python-dotenv, which a FastMCP `.env` is written in. It differs from the npm package dotenv:
 * `pa#ss` is whole without quotes, and `${NAME}` is replaced everywhere.
 */
import { interpolate } from "./interpolation.ts";

/** What a `.env` file says. */
export interface Dotenv {
  /** In the file's order; a later assignment wins. `undefined` for a name without `=`, which sets nothing. */
  readonly values: ReadonlyMap<string, string | undefined>;
  /** Lines, counted from 1, that could not be read and were skipped. */
  readonly unreadableLines: readonly number[];
}

interface Binding {
  readonly key: string;
  readonly value: string | undefined;
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
  const lookup = (name: string) => {
    if (values.has(name)) {
      return values.get(name) ?? "";
    }
    return Object.hasOwn(outer, name) ? outer[name] : undefined;
  };
  while (!scanner.atEnd()) {
    scanner.take(SPACE_AND_NEWLINES);
    const line = scanner.line();
    const binding = readBinding(scanner);
    if (binding === "unreadable") {
      unreadableLines.push(line);
      scanner.take(REST_OF_LINE);
    } else if (binding !== undefined) {
      values.set(binding.key, binding.value === undefined ? undefined : interpolate(binding.value, lookup));
    }
  }
  return { values, unreadableLines };
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
  scanner.take(EXPORT);
  const isComment = scanner.peek() === "#";
  const key = isComment ? "" : scanner.take(scanner.peek() === "'" ? QUOTED_KEY : PLAIN_KEY);
  if (key === undefined) {
    return "unreadable";
  }
  scanner.take(SPACES);
  const value = scanner.peek() === "=" ? readValue(scanner) : { text: undefined };
  if (value === "unreadable") {
    return "unreadable";
  }
  scanner.take(COMMENT);
  if (scanner.take(END_OF_LINE) === undefined) {
    return "unreadable";
  }
  return isComment ? undefined : { key, value: value.text };
}

function readValue(scanner: Scanner): { readonly text: string } | "unreadable" {
  const space = scanner.take(EQUAL_SIGN);
  const next = scanner.peek();
  if (next === "#" && space !== "") {
    return { text: "" };
  }
  if (next === "'") {
    return unquote(scanner.take(SINGLE_QUOTED), /\\(['\\])/g);
  }
  if (next === '"') {
    return unquote(scanner.take(DOUBLE_QUOTED), /\\(['"\\abfnrtv])/g);
  }
  const text = scanner.take(PLAIN_VALUE) ?? "";
  return { text: text.replace(INLINE_COMMENT, "").replace(TRAILING_SPACE, "") };
}

function unquote(quoted: string | undefined, escapes: RegExp): { readonly text: string } | "unreadable" {
  if (quoted === undefined) {
    return "unreadable";
  }
  return { text: quoted.replace(escapes, (_match, letter: string) => ESCAPES[letter] ?? letter) };
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

  /** The line it is on, counted from 1. */
  line(): number {
    return this.#line;
  }
}
