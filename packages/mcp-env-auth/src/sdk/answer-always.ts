import type { McpServer, Server } from "@modelcontextprotocol/server";
import { UnfitResult } from "../errors.ts";
import { loggableError } from "../lib/loggable-error.ts";
import { findUnsendable } from "../lib/unwritable-json.ts";
import type { Logger } from "../logger.ts";
import { describeRequest } from "./describe-request.ts";
import { maskError } from "./error-masking.ts";
import { takingTurns } from "./take-turns.ts";

type Handler = NonNullable<Server["fallbackRequestHandler"]>;

/**
 * Has a server that somebody else built answer every request: the SDK sends nothing where a handler throws `null`, an
 * error that can't be read, or returns what JSON can't write. That is masked and logged. All other errors and results
 * stay as they are. Each request has its turn as at our own servers.
 */
export function answerAlways(built: McpServer | Server, logger: Logger): void {
  const server = "server" in built ? built.server : built;
  const handlers = handlersOf(server);
  for (const [method, handler] of handlers) {
    handlers.set(method, takingTurns(always(handler, logger), method));
  }
  if (server.fallbackRequestHandler !== undefined) {
    server.fallbackRequestHandler = takingTurns(always(server.fallbackRequestHandler, logger));
  }
}

/** The handlers of a server by their methods. */
export function handlersOf(server: Server): Map<string, Handler> {
  return (server as unknown as { _requestHandlers: Map<string, Handler> })._requestHandlers;
}

function always(handler: Handler, logger: Logger): Handler {
  return async (request, context) => {
    try {
      const result = await handler(request, context);
      const found = findUnsendable(result);
      if (found === undefined) {
        return result;
      }
      throw UnfitResult.of(found);
    } catch (thrown) {
      if (isSendable(thrown)) {
        throw thrown;
      }
      throw new Error(maskError(thrown, describeRequest(request.method, request), logger));
    }
  };
}

/** Whether the SDK can read and send all that it wants of what was thrown. */
function isSendable(thrown: unknown): boolean {
  if (thrown instanceof UnfitResult || loggableError(thrown) !== thrown) {
    return false;
  }
  const { data } = thrown as { data?: unknown };
  return data === undefined || findUnsendable(data) === undefined;
}
