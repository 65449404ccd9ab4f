import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { sendErrorBody } from "./oauth-error-response.ts";

/** How many header lines Node.js keeps unless the server sets another `maxHeadersCount`. */
const DEFAULT_KEPT = 1000;

/**
 * Whether Node.js may have dropped headers of a request, a second Authorization among them. Our own server drops none;
 * that of an app behind `protect()` does.
 */
export function mayLackHeaders({ rawHeaders, socket }: IncomingMessage): boolean {
  const server = (socket as { readonly server?: Pick<Server, "maxHeadersCount"> }).server;
  const kept = server?.maxHeadersCount ?? DEFAULT_KEPT;
  return kept > 0 && rawHeaders.length >= 2 * kept;
}

/** Refuses such a request (RFC 6585 section 5). */
export function refuseManyHeaders(response: ServerResponse): void {
  sendErrorBody(response, 431, "invalid_request", "The request has too many headers.");
}
