import { type McpServer, ProtocolError, ProtocolErrorCode, type ServerContext } from "@modelcontextprotocol/server";
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
    const handler = rest.pop() as (request: unknown, context: ServerContext) => unknown;
    const masked: typeof handler = async (request, context) => {
      try {
        return await handler(request, context);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        if (error instanceof Denied) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
        throw new Error(maskError(error, method, logger, context.mcpReq.signal));
      }
    };
    setRequestHandler(method, ...rest, masked);
  };
}
