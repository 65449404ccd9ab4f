import { randomUUID } from "node:crypto";
import { type McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { ToolError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import { Denied } from "./denied.ts";

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

/**
 * Masks what the handlers of `server` reject with, whatever they serve: reads, prompts, lists and
 * completions alike. The SDK would send an error's own message. Call it before anything is registered.
 */
export function maskHandlerErrors({ server }: McpServer, logger: Logger): void {
  const setRequestHandler = server.setRequestHandler.bind(server) as (method: string, ...rest: unknown[]) => void;
  server.setRequestHandler = (method: string, ...rest: unknown[]) => {
    const handler = rest.pop() as (...args: unknown[]) => unknown;
    const masked = async (...args: unknown[]) => {
      try {
        return await handler(...args);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        if (error instanceof Denied) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
        throw new Error(maskError(error, method, logger));
      }
    };
    setRequestHandler(method, ...rest, masked);
  };
}
