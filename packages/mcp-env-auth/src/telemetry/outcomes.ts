const KNOWN_METHODS = new Set(["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]);

/** What stands for a value that a caller made up, and `error.type` of what failed for no reason that has a name. */
export const FAILED = "_OTHER";

/** A method of HTTP, or `_OTHER`. */
export function httpMethod(method: string | undefined): string {
  return method !== undefined && KNOWN_METHODS.has(method) ? method : FAILED;
}

/** The failure of a call that ended so; `undefined` for a success. */
export function faultOf(outcome: string | undefined): string | undefined {
  return outcome === "ok" || outcome === "input-required" ? undefined : outcome === "error" ? FAILED : outcome;
}

/** A code or kind, which is a short word; `undefined` for anything else, which is not repeated. */
export function shortWord(value: unknown): string | undefined {
  return typeof value === "string" && /^[a-z_-]{1,40}$/.test(value) ? value : undefined;
}

/** The kind of an error in one word. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) {
    return FAILED;
  }
  const word = "kind" in error ? error.kind : "code" in error ? error.code : undefined;
  return typeof word === "string" && /^[a-zA-Z_]{1,40}$/.test(word) ? word : error.name;
}
