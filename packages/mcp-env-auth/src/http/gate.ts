import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";
import { activeTelemetry } from "../telemetry.ts";
import { mayLackHeaders, refuseManyHeaders } from "./dropped-headers.ts";
import { sendErrorBody } from "./oauth-error-response.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import { refuseSeveralHosts } from "./several-hosts.ts";

/** What every request to `route`, a path of this server, passes before it is served. */
export type Gate = (request: IncomingMessage, response: ServerResponse, route: string, serve: () => void) => void;

/**
 * Traces a request, sets the security headers and checks that all headers are there and what Host says, in this order.
 *
 * @param isClosed whether the server is closed. It admits nothing then, since it no longer knows what was revoked or
 * used.
 */
export function createGate(originPolicy: OriginPolicy, isClosed: () => boolean = () => false): Gate {
  const headers = securityHeaders();
  const admit: Gate = (request, response, _route, serve) => {
    response.removeHeader("X-Powered-By");
    for (const [name, value] of headers) {
      response.setHeader(name, value);
    }
    if (isClosed()) {
      return sendErrorBody(response, 503, "temporarily_unavailable", "This server has been closed.");
    }
    if (mayLackHeaders(request)) {
      return refuseManyHeaders(response);
    }
    if (refuseSeveralHosts(request, response)) {
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
