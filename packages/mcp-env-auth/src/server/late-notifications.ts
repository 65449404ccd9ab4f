import { type McpServer, SdkError, SdkErrorCode, type ServerContext } from "@modelcontextprotocol/server";

/**
 * Has the handlers of `server` notify in vain, and not fail, once their request is over. The SDK rejects then, and most
 * handlers don't await what they report of their progress: a client that goes away in the middle of a call would end
 * the process with an unhandled rejection. Call it before anything is registered.
 */
export function dropLateNotifications({ server }: McpServer): void {
  const setRequestHandler = server.setRequestHandler.bind(server) as (method: string, ...rest: unknown[]) => void;
  server.setRequestHandler = (method: string, ...rest: unknown[]) => {
    const handler = rest.pop() as (request: unknown, context: ServerContext) => unknown;
    const dropping: typeof handler = (request, context) => {
      const { notify } = context.mcpReq;
      context.mcpReq.notify = (...notification) => notify(...notification).catch(forgive);
      return handler(request, context);
    };
    setRequestHandler(method, ...rest, dropping);
  };
}

function forgive(error: unknown): void {
  if (!(error instanceof SdkError && error.code === SdkErrorCode.NotConnected)) throw error;
}
