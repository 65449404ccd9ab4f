import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import { refuseManyHeaders } from "./many-headers.ts";
import { sendErrorBody } from "./oauth-error-response.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import { refuseSeveralHosts } from "./several-hosts.ts";

/** What is said once the server is closed. */
export const CLOSED = "This server has been closed.";

/** What every request to `route`, a path of this server, passes before it is served. */
export type Gate = (request: IncomingMessage, response: ServerResponse, route: string, serve: () => void) => void;

/** Notes a request to `route`, a path of this server. */
export type NoteRequest = (request: IncomingMessage, response: ServerResponse, route: string) => void;

/**
 * Traces a request, sets the security headers and checks that all headers are there and what Host says, in this order.
 *
 * @param isClosed whether the server is closed. It admits nothing then, since it no longer knows what was revoked or
 * used.
 */
export function createGate(
  originPolicy: OriginPolicy,
  isClosed: () => boolean = () => false,
  noteRequest: NoteRequest | undefined = undefined,
): Gate {
  const headers = securityHeaders();
  const admit: Gate = (request, response, route, serve) => {
    noteRequest?.(request, response, route);
    response.removeHeader("X-Powered-By");
    for (const [name, value] of headers) {
      response.setHeader(name, value);
    }
    if (isClosed()) {
      return sendErrorBody(response, 503, "temporarily_unavailable", CLOSED);
    }
    if (refuseManyHeaders(request, response) || refuseSeveralHosts(request, response)) {
      return;
    }
    if (originPolicy.allowsHost(request.headers.host)) {
      return serve();
    }
    sendErrorBody(
      response,
      403,
      "access_denied",
      "This Host is not one that the server answers to. Its operator sets it as BASE_URL of the provider, or adds it to FASTMCP_HTTP_ALLOWED_HOSTS.",
    );
  };
  return (request, response, route, serve) => {
    const telemetry = activeTelemetry();
    if (telemetry === undefined) {
      admit(request, response, route, serve);
    } else {
      telemetry.request(request, response, route, () => admit(request, response, route, serve));
    }
  };
}

/** Logs each request in one line once its response has ended: never a query, which may hold a code or a state. */
export function createRequestLines(logger: Logger): NoteRequest {
  return (request, response, route) => {
    const { method = "" } = request;
    const begun = performance.now();
    response.once("close", () => {
      const ms = Math.round((performance.now() - begun) * 10) / 10;
      const outcome = response.writableEnded ? String(response.statusCode) : "the client left";
      const status = response.writableEnded ? { status: response.statusCode } : {};
      logger.info({ event: "request", method, path: route, ...status, ms }, `${method} ${route}: ${outcome}`);
    });
  };
}

// helmet's values are the same for every response, and setting them is cheaper than making them.
function securityHeaders(): readonly (readonly [name: string, value: string])[] {
  const headers: [string, string][] = [];
  const recorder = { setHeader: (name: string, value: string) => headers.push([name, value]), removeHeader() {} };
  const set = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    xFrameOptions: { action: "deny" },
    referrerPolicy: { policy: "no-referrer" },
    // Whether subdomains speak https is their own business.
    strictTransportSecurity: { includeSubDomains: false },
    // Pages and JSON are read by clients of other origins; CORS says which may.
    crossOriginResourcePolicy: { policy: "cross-origin" },
  });
  set({} as IncomingMessage, recorder as unknown as ServerResponse, (error) => {
    if (error !== undefined) {
      throw error;
    }
  });
  return headers;
}
