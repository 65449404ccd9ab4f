import { randomUUID } from "node:crypto";
import { ToolError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";

/**
 * What a handler's error becomes: a `ToolError`'s message as it is; of any other error only a reference, under which
 * the log has it in full.
 *
 * @param signal of the request: a handler that was ended by it has not failed.
 */
export function maskError(error: unknown, what: string, logger: Logger, signal?: AbortSignal): string {
  if (signal?.aborted && isAbort(error, signal)) {
    logger.debug({}, `${what} was ended: its client cancelled it, or left`);
    return "Cancelled.";
  }
  activeTelemetry()?.failed();
  if (error instanceof ToolError) {
    return error.message;
  }
  const reference = randomUUID();
  logger.error({ err: error, reference }, `${what} failed`);
  return `Something went wrong in the server. Its operator can look up ${reference} in the log.`;
}

// What is given the signal rejects with its reason, or with an error of its own that has this name (DOM, Abort a
// signal).
function isAbort(error: unknown, { reason }: AbortSignal): boolean {
  return error === reason || (error instanceof Error && error.name === "AbortError");
}
