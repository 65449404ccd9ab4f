import { randomUUID } from "node:crypto";
import { ToolError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";

/**
 * What a handler's error becomes: a `ToolError`'s message as it is; of any other
 * error only a reference, under which the log has it in full.
 */
export function maskError(error: unknown, what: string, logger: Logger): string {
  activeTelemetry()?.failed();
  if (error instanceof ToolError) return error.message;
  const reference = randomUUID();
  logger.error({ err: error, reference }, `${what} failed`);
  return `Something went wrong in the server. Its operator can look up ${reference} in the log.`;
}
