import { randomUUID } from "node:crypto";
import { INTERNAL_ERROR } from "../http/json-rpc.ts";
import type { Admitted } from "../http/mcp-endpoint.ts";
import { sendJson } from "../http/oauth-error-response.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import type { UpstreamFault } from "./upstream-fault.ts";

/** Tells a client that its request failed, under a reference; the log has the cause under the same. */
export function answerFault(fault: UpstreamFault, { response, body, calls }: Admitted, logger: Logger): void {
  const reference = randomUUID();
  const { kind, status, retryAfter } = fault;
  activeTelemetry()?.failed();
  logger.warn({ event: "upstream-failed", kind, reference }, fault.message);
  for (const id of idsIn(body)) {
    calls?.note(id, { outcome: kind === "slow" ? "timed-out" : "error", reference });
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.removeHeader("Mcp-Session-Id");
  if (retryAfter !== undefined) {
    response.setHeader("Retry-After", String(retryAfter));
  }
  const message = `${fault.told} Its operator can look up ${reference} in the log.`;
  const [id = null] = Array.isArray(body) ? [] : idsIn(body);
  sendJson(response, status, { jsonrpc: "2.0", id, error: { code: INTERNAL_ERROR.code, message } });
}

function idsIn(body: unknown): unknown[] {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.flatMap((message) => {
    const { id } = (message ?? {}) as { readonly id?: unknown };
    return typeof id === "string" || typeof id === "number" ? [id] : [];
  });
}
