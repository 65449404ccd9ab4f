import { type McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Logger } from "../logger.ts";
import { Denied } from "./denied.ts";
import { maskError } from "./error-masking.ts";
import { wrapRequestHandlers } from "./wrap-request-handlers.ts";

/**
 * Masks what the handlers of `server` reject with, for every method: reads, prompts, lists and completions alike. The
 * SDK would send an error's own message. Call it before anything is registered.
 */
export function maskHandlerErrors(server: McpServer, logger: Logger): void {
  wrapRequestHandlers(server, (handler, method) => async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      if (error instanceof ProtocolError) {
        throw error;
      }
      if (error instanceof Denied) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
      }
      throw new Error(maskError(error, method, logger, context.mcpReq.signal));
    }
  });
}
