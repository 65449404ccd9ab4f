import { isCredential, REDACTED, redactCredentials } from "./credential-patterns.ts";
import { SHORTEST_SECRET, spellSecret } from "./secret-spellings.ts";

export { REDACTED } from "./credential-patterns.ts";

const DEEPEST = 12;

/**
 * Removes secrets from text and from data: those of this run, which are registered by value, and whatever looks like a
 * token, a code or a credential.
 */
export interface Redactor {
  /** Makes `secret` known. Anything under 8 characters is too short to look for. */
  register(secret: string): void;
  /** `text` without secrets. */
  redactText(text: string): string;
  /**
   * `line`, a JSON object, without secrets: it stays one, which a pattern that runs past the end of a text would break.
   */
  redactLine(line: string): string;
  /** A copy of `value` without secrets, made of plain data. Never throws; cycles and what is very deep are cut. */
  redact(value: unknown): unknown;
}

/** A redactor that knows `secrets`. */
export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const needles = new Set<string>();
  let known: RegExp | undefined;
  const register = (secret: string) => {
    if (secret.trim().length < SHORTEST_SECRET) {
      return;
    }
    for (const spelling of spellSecret(secret)) {
      needles.add(spelling);
    }
    const longestFirst = [...needles].sort((a, b) => b.length - a.length);
    known = new RegExp(longestFirst.map(escapePattern).join("|"), "gi");
  };
  for (const secret of secrets) {
    register(secret);
  }
  const redactText = (text: string) => redactCredentials(known === undefined ? text : text.replace(known, REDACTED));
  const redact = (value: unknown) => copyWithout(value, redactText, [], "");
  const redactLine = (line: string) => {
    const text = redactText(line);
    // Most lines have nothing to remove.
    return text === line ? line : (redactJson(line, redact) ?? text);
  };
  return { register, redactText, redactLine, redact };
}

function redactJson(line: string, redact: (value: unknown) => unknown): string | undefined {
  try {
    return `${JSON.stringify(redact(JSON.parse(line)))}\n`;
  } catch {
    return undefined;
  }
}

type RedactText = (text: string) => string;

function copyWithout(value: unknown, redactText: RedactText, ancestors: readonly object[], name: string): unknown {
  if (isCredential(name, value)) {
    return REDACTED;
  }
  if (typeof value === "string") {
    return redactText(value);
  }
  if (typeof value === "bigint") {
    return redactText(String(value));
  }
  if (typeof value === "function" || typeof value === "symbol") {
    return `[${typeof value}]`;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (ancestors.includes(value)) {
    return "[circular]";
  }
  if (ancestors.length >= DEEPEST) {
    return "[deep]";
  }
  try {
    return copyObject(value, redactText, [...ancestors, value], name);
  } catch {
    return "[unreadable]";
  }
}

function copyObject(value: object, redactText: RedactText, ancestors: readonly object[], name: string): unknown {
  if (value instanceof Date || value instanceof URL || value instanceof URLSearchParams || value instanceof RegExp) {
    return redactText(String(value));
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `[${value.byteLength} bytes]`;
  }
  if (Array.isArray(value) || value instanceof Set) {
    return Array.from(value, (item) => copyWithout(item, redactText, ancestors, name));
  }
  return Object.fromEntries(
    entriesOf(value).map(([key, item]) => [redactText(key), copyWithout(item, redactText, ancestors, key)]),
  );
}

function entriesOf(value: object): [string, unknown][] {
  if (value instanceof Map || value instanceof Headers) {
    return Array.from(value as Iterable<[unknown, unknown]>, ([name, item]) => [String(name), item]);
  }
  const hidden = value instanceof Error ? ["name", "message", "stack", "cause", "errors"] : [];
  const names = new Set([...hidden.filter((name) => name in value), ...Object.keys(value)]);
  return Array.from(names, (name) => [name, readProperty(value, name)]);
}

function readProperty(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return "[unreadable]";
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
