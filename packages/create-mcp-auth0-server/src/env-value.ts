import { accept, hasControlCharacter, type Parsed, refuse } from "./parsed.ts";

/**
 * Writes a value so that every loader of `.env` files reads it back unchanged: this project's own, python-dotenv, node
 * --env-file, dotenv, Docker Compose.
 *
 * Bare wherever it can be, which `docker run --env-file` (it keeps quotes) understands too. In single quotes where a
 * bare `#`, `$`, quote or backslash would be taken for syntax. Refused where no spelling is read alike by all:
 * python-dotenv replaces `${…}` in every kind of quotes.
 */
export function quoteEnvValue(value: string): Parsed<string> {
  if (hasControlCharacter(value)) {
    return refuse("has a line break or control character in it");
  }
  if (value.includes("${")) {
    return refuse("has ${ in it, which some loaders replace even in quotes");
  }
  if (isBare(value)) {
    return accept(value);
  }
  if (value.includes("'")) {
    return refuse("has a single quote in it beside other special characters");
  }
  if (/\\\\|\\$/.test(value)) {
    return refuse("has a double or final backslash in it");
  }
  return accept(`'${value}'`);
}

/** Refuses a value that can't be written into `.env`, so that it is found before anything is done. */
export function representable(what: string, value: string): Parsed<string> {
  const quoted = quoteEnvValue(value);
  return quoted.ok ? accept(value) : refuse(`${what} can't be written into .env: it ${quoted.problem}.`);
}

function isBare(value: string): boolean {
  return !/[#$"'`\\]/.test(value) && value === value.trim();
}
