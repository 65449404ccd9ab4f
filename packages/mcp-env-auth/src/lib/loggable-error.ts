import { inspect, types } from "node:util";

/** How much of a value that is not an error a message shows, in characters. */
const MAX_SHOWN = 1000;

/** How many causes and errors of an AggregateError are looked into, one inside the other. */
const MAX_DEPTH = 5;

/** How many errors of one AggregateError are kept. */
const MAX_ERRORS = 20;

/**
 * An error for the log in the place of whatever was thrown. It never throws, and loggers can read every member of what
 * it returns: values that are not errors, proxies, frozen errors, and errors whose members throw, or that are their own
 * cause, come back as an error that says what they are. Ordinary errors come back as they are.
 */
export function loggableError(thrown: unknown): Error {
  return toLoggable(thrown, new Set(), 0);
}

function toLoggable(thrown: unknown, seen: Set<unknown>, depth: number): Error {
  if (!isError(thrown)) {
    return strayError(thrown);
  }
  if (isReadable(thrown, new Set(), 0)) {
    return thrown;
  }
  return copyOf(thrown, seen, depth);
}

/** What is wrong with throwing `thrown`, or `undefined` for an error: people read it behind the name of a tool. */
export function describeStray(thrown: unknown): string | undefined {
  if (isError(thrown)) {
    return undefined;
  }
  return thrown === undefined || thrown === null ? String(thrown) : kindOf(thrown);
}

function kindOf(thrown: unknown): string {
  if (types.isProxy(thrown)) {
    return "a proxy";
  }
  const type = typeof thrown;
  return type === "object" ? "an object that is not an Error" : `a ${type}`;
}

function strayError(thrown: unknown): Error {
  const error = new Error(`${describeStray(thrown)} was thrown: ${show(thrown)}`);
  // Where it was made is here, which says nothing.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** Without running any code of the value: neither getters nor traps. */
function show(thrown: unknown): string {
  try {
    const shown =
      typeof thrown === "string"
        ? thrown
        : inspect(thrown, { depth: 2, customInspect: false, showProxy: true, maxStringLength: MAX_SHOWN });
    return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
  } catch {
    return "(it can't be shown)";
  }
}

/** Asks no proxy: its traps may throw, or lie. */
function isError(thrown: unknown): thrown is Error {
  if (typeof thrown !== "object" || thrown === null || types.isProxy(thrown)) {
    return false;
  }
  try {
    return types.isNativeError(thrown) || thrown instanceof Error;
  } catch {
    return false;
  }
}

/**
 * Whether a logger can read all of `error`: pino marks errors that it has seen, reads each member, and their causes.
 */
function isReadable(error: Error, seen: Set<unknown>, depth: number): boolean {
  if (seen.has(error) || depth > MAX_DEPTH || !types.isNativeError(error) || !Object.isExtensible(error)) {
    return false;
  }
  seen.add(error);
  try {
    if (typeof error.message !== "string" || typeof error.name !== "string" || !isTextOrNothing(error.stack)) {
      return false;
    }
    const { cause, errors } = error as { cause?: unknown; errors?: unknown };
    const inner = [cause, ...(Array.isArray(errors) ? errors : [])].filter((one) => one !== undefined);
    for (const name in error) {
      if (typeof (error as unknown as Record<string, unknown>)[name] === "bigint") {
        return false;
      }
    }
    return inner.every((one) => !isErrorLike(one) || (isError(one) && isReadable(one, seen, depth + 1)));
  } catch {
    return false;
  }
}

function isTextOrNothing(stack: unknown): boolean {
  return stack === undefined || typeof stack === "string";
}

function isErrorLike(value: unknown): boolean {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function copyOf(error: Error, seen: Set<unknown>, depth: number): Error {
  seen.add(error);
  const name = textOf(() => error.name) ?? "Error";
  const copy = new Error(textOf(() => error.message) ?? "(the message of this error can't be read)");
  Object.defineProperty(copy, "name", { value: name, writable: true, configurable: true });
  copy.stack = textOf(() => error.stack) ?? `${name}: ${copy.message}`;
  for (const key of keysOf(error)) {
    const value = read(() => (error as unknown as Record<string, unknown>)[key]);
    if (["string", "number", "boolean"].includes(typeof value)) {
      Object.defineProperty(copy, key, { value, enumerable: true, writable: true, configurable: true });
    }
  }
  const inner = (value: unknown) => {
    if (seen.has(value) || depth >= MAX_DEPTH) {
      return new Error("(an error that is shown above)");
    }
    return toLoggable(value, seen, depth + 1);
  };
  const cause = read(() => error.cause);
  if (cause !== undefined) {
    copy.cause = inner(cause);
  }
  const errors = read(() => (error as { errors?: unknown }).errors);
  if (Array.isArray(errors)) {
    Object.assign(copy, { aggregateErrors: (read(() => errors.slice(0, MAX_ERRORS)) ?? []).map(inner) });
  }
  return copy;
}

function keysOf(error: Error): string[] {
  return (read(() => Object.keys(error)) ?? []).filter(
    (key) => !["message", "name", "stack", "cause", "errors"].includes(key),
  );
}

function textOf(get: () => unknown): string | undefined {
  const value = read(get);
  return typeof value === "string" ? value : undefined;
}

function read<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
