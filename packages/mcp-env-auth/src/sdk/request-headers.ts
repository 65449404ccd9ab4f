import type { IncomingMessage } from "node:http";

/**
 * Headers that prove who is calling, or could be used in the caller's name. They are for this server, and no handler
 * needs them: so none can pass one on by accident (MCP 2026-07-28, Security Best Practices, Token Passthrough).
 */
const CREDENTIALS: ReadonlySet<string> = new Set(["authorization", "cookie", "dpop", "proxy-authorization"]);

/**
 * The headers of a request as the Fetch standard has them, without credentials.
 *
 * @param accept stands in the place of the `Accept` header.
 */
export function toHeaders({ headersDistinct }: IncomingMessage, accept?: string): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    if (!CREDENTIALS.has(name)) {
      for (const value of values) {
        headers.append(name, value);
      }
    }
  }
  if (accept !== undefined) {
    headers.set("accept", accept);
  }
  return headers;
}
