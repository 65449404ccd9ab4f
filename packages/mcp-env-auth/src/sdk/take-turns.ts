import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import { takesTurn } from "../http/turn-kinds.ts";
import { clientOf } from "./web-request.ts";
import { wrapRequestHandlers } from "./wrap-request-handlers.ts";

/**
 * Has each message of a request begin when a place of its user's is free, and hold that until its handler has ended:
 * the messages of a batch would all begin at once otherwise, and work for clients that have gone would not count. Call
 * it before anything is registered.
 */
export function takeTurns(server: McpServer): void {
  wrapRequestHandlers(server, takingTurns);
}

/** The same for one handler. @param method absent: of any method. */
export function takingTurns<Request, Answer>(
  handler: (request: Request, context: ServerContext) => Answer,
  method?: string,
): (request: Request, context: ServerContext) => Answer | Promise<Awaited<Answer>> {
  if (method !== undefined && !takesTurn(method)) {
    return handler;
  }
  return (request, context) => {
    const turn = clientOf(context.http?.req)?.turn;
    return turn === undefined
      ? handler(request, context)
      : turn.run(() => handler(request, context), context.mcpReq.signal);
  };
}
