// A file of its own: `http` and `sdk` share it, and it loads with neither.

/** Codes of JSON-RPC 2.0 section 5.1. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;

/** Of MCP up to 2025-11-25. */
export const RESOURCE_NOT_FOUND = -32002;

/** A session that is not there, as the SDK has it, from the range for servers. */
export const SESSION_NOT_FOUND = -32001;

/** A request that came too early, from the range for servers. */
export const TOO_EARLY = -32029;

/** The error of a request that failed for reasons that are not the client's to know (JSON-RPC 2.0 section 5.1). */
export const INTERNAL_ERROR = { code: -32603, message: "Internal error" } as const;

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

/** Whether a message is of 2026-07-28 or later: each request of those revisions carries its revision in `_meta`. */
export function isModern(message: unknown): boolean {
  const meta = (message as { params?: { _meta?: Record<string, unknown> | null } | null } | null)?.params?._meta;
  return typeof meta?.[VERSION_KEY] === "string";
}
