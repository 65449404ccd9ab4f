import { type McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Logger } from "../logger.ts";
import { Denied } from "./denied.ts";
import { maskError } from "./error-masking.ts";

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
