import type { IncomingMessage, ServerResponse } from "node:http";
import { sendErrorBody } from "./oauth-error-response.ts";

/**
 * Whether a request has several `Host` headers, of which Node.js shows the first, and whatever is in front of us may go
 * by the last.
 */
function hasSeveralHosts({ rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === "host") {
      hosts += 1;
    }
  }
  return hosts > 1;
}

/** Answers a request with several `Host` headers (RFC 9112 section 3.2), and says whether it was one. */
export function refuseSeveralHosts(request: IncomingMessage, response: ServerResponse): boolean {
  if (!hasSeveralHosts(request)) {
    return false;
  }
  sendErrorBody(response, 400, "invalid_request", "The Host header was sent more than once.");
  return true;
}
