import type { IncomingMessage, ServerResponse } from "node:http";
import { sendJson } from "./oauth-error-response.ts";
import { refuseSeveralHosts } from "./several-hosts.ts";

// Neither checks which Host it is, so that an orchestrator can ask by address.

/** `/healthz`: the process serves requests. */
export function answerHealthz(request: IncomingMessage, response: ServerResponse): void {
  if (!refuseSeveralHosts(request, response)) {
    sendJson(response, 200, { status: "ok" });
  }
}

/**
 * `/readyz`: the process can serve calls with a token; 503 until then, and again once it is stopping, so that a load
 * balancer sends no more.
 */
export function answerReadyz(request: IncomingMessage, response: ServerResponse, isReady: boolean): void {
  if (refuseSeveralHosts(request, response)) {
    return;
  }
  sendJson(response, isReady ? 200 : 503, { status: isReady ? "ready" : "not ready" });
}
