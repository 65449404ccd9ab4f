import type { ServerResponse } from "node:http";
import { sendJson } from "./oauth-error-response.ts";

// Neither checks Host, so that an orchestrator can ask by address.

/** `/healthz`: the process serves requests. */
export function answerHealthz(response: ServerResponse): void {
  sendJson(response, 200, { status: "ok" });
}

/**
 * `/readyz`: the process can serve calls with a token; 503 until then, and again once it is stopping, so that a
 * load balancer sends no more.
 */
export function answerReadyz(response: ServerResponse, isReady: boolean): void {
  sendJson(response, isReady ? 200 : 503, { status: isReady ? "ready" : "not ready" });
}
