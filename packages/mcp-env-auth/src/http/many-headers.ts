import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { sendErrorBody } from "./oauth-error-response.ts";

/**
 * As many header lines as our own server keeps: browsers and proxies send fewer than 60. A line of four bytes takes
 * twenty times as much memory.
 */
export const MAX_HEADERS = 200;

/** How many Node.js keeps unless the server sets another `maxHeadersCount`. */
const DEFAULT_KEPT = 1000;

/**
 * Refuses a request of which Node.js may have dropped headers (RFC 6585 section 5), a second Authorization among them.
 */
export function refuseManyHeaders({ rawHeaders, socket }: IncomingMessage, response: ServerResponse): boolean {
  const server = (socket as { readonly server?: Pick<Server, "maxHeadersCount"> }).server;
  const kept = server?.maxHeadersCount ?? DEFAULT_KEPT;
  if (kept <= 0 || rawHeaders.length < 2 * kept) {
    return false;
  }
  response.setHeader("Connection", "close");
  sendErrorBody(response, 431, "invalid_request", `The request has too many headers: send fewer than ${kept} lines.`);
  return true;
}
