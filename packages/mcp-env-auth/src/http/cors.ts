import type { IncomingMessage, ServerResponse } from "node:http";

const MAX_AGE_SECONDS = "600";

/** What a browser client may do across origins (the Fetch standard's CORS protocol). Credentials are never allowed. */
export interface CorsPolicy {
  /** The value of `Access-Control-Allow-Origin`: `*`, or the request's own origin once it was found to be allowed. */
  readonly origin: string;
  readonly methods: readonly string[];
}

/** Adds the headers that let a browser's script read the response, the challenge included. */
export function setCorsHeaders(response: ServerResponse, policy: CorsPolicy): void {
  response.setHeader("Access-Control-Allow-Origin", policy.origin);
  if (policy.origin !== "*") {
    response.appendHeader("Vary", "Origin");
  }
  response.setHeader(
    "Access-Control-Expose-Headers",
    "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After",
  );
}

/** Answers a preflight request. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse, policy: CorsPolicy): void {
  setCorsHeaders(response, policy);
  response.setHeader("Access-Control-Allow-Methods", policy.methods.join(", "));
  // `*` never covers Authorization, and the Mcp-Param-* names are open-ended: only an echo allows them all.
  const requested = request.headers["access-control-request-headers"];
  if (requested !== undefined) {
    response.setHeader("Access-Control-Allow-Headers", requested);
    response.appendHeader("Vary", "Access-Control-Request-Headers");
  }
  response.setHeader("Access-Control-Max-Age", MAX_AGE_SECONDS);
  response.writeHead(204).end();
}
