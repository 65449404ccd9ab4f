const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

/**
 * Whether a body is of 2026-07-28 or later: each request carries its revision there, and in no earlier revision does
 * one.
 */
export function isModern(body: unknown): boolean {
  const meta = (body as { params?: { _meta?: Record<string, unknown> | null } | null } | null)?.params?._meta;
  return typeof meta?.[VERSION_KEY] === "string";
}
