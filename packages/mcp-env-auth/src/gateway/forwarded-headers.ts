import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Of a client's request, these travel. */
const REQUEST_HEADERS: ReadonlySet<string> = new Set(["accept", "last-event-id", "traceparent", "tracestate"]);

/**
 * So do those of the protocol, such as `Mcp-Protocol-Version`, `Mcp-Method` and `Mcp-Param-…`, but for the session,
 * which is sealed. A name with `_` does not: servers behind CGI or WSGI take it for the one with `-`.
 */
const PROTOCOL_HEADER = /^mcp-(?!session-id$)[a-z0-9-]+$/;

/** Of an upstream's answer, these reach the client. */
const RESPONSE_HEADERS = ["content-type", "content-length", "cache-control", "mcp-protocol-version"] as const;

/**
 * The headers of a client's request that the upstream gets: no credentials, cookies, names of users or addresses, in
 * whichever spelling they come, and none that the client names in `Connection` (RFC 9110 section 7.6.1).
 */
export function requestHeaders({ headers, method }: IncomingMessage): Record<string, string> {
  const hopByHop = new Set(listed(headers.connection));
  const forwarded: Record<string, string> = {
    accept: method === "GET" ? "text/event-stream" : "application/json, text/event-stream",
  };
  for (const [name, value] of Object.entries(headers)) {
    const travels = (REQUEST_HEADERS.has(name) || PROTOCOL_HEADER.test(name)) && !hopByHop.has(name);
    if (travels && value !== undefined) {
      forwarded[name] = String(value);
    }
  }
  return forwarded;
}

/**
 * The headers of an upstream's answer that its client gets. A shared cache must not keep what is of one user.
 *
 * @param isEdited whether its length may change on the way.
 */
export function responseHeaders(headers: IncomingHttpHeaders, isEdited: boolean): Record<string, string> {
  const forwarded: Record<string, string> = { "cache-control": "no-store" };
  for (const name of RESPONSE_HEADERS) {
    const value = headers[name]?.toString();
    if (name === "content-length" && isEdited) {
      continue;
    }
    if (value !== undefined && !(name === "cache-control" && /\bpublic\b|\bs-maxage\b/i.test(value))) {
      forwarded[name] = value;
    }
  }
  // Asks nginx and its like not to keep events back.
  return isEventStream(headers) ? { ...forwarded, "x-accel-buffering": "no" } : forwarded;
}

export function isEventStream({ "content-type": type = "" }: IncomingHttpHeaders): boolean {
  return /^text\/event-stream(?:\s*;|$)/i.test(type.trim());
}

export function isJson({ "content-type": type = "" }: IncomingHttpHeaders): boolean {
  return /^application\/json(?:\s*;|$)/i.test(type.trim());
}

/** Seconds of a `Retry-After` header (RFC 9110 section 10.2.3); `undefined` for a date, or none. */
export function retryAfterOf({ "retry-after": value = "" }: IncomingHttpHeaders): number | undefined {
  return /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}

function listed(value = ""): string[] {
  return value.split(",").map((name) => name.trim().toLowerCase());
}
