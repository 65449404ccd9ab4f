import {
  type BaseContext,
  type McpServer,
  SdkError,
  SdkErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";

/** What makes the context of each request. The SDK has it for subclasses, and `McpServer` makes its `Server` itself. */
interface ContextBuilder {
  buildContext(context: BaseContext, ...rest: unknown[]): ServerContext;
}

/**
 * Has the handlers of a server for one request notify in vain, and not fail, once that is over. The SDK rejects then,
 * and most handlers don't await what they report of their progress: a client that goes away in the middle of a call
 * would end the process with an unhandled rejection.
 */
export function dropLateNotifications(built: McpServer | Server): void {
  const server = "server" in built ? built.server : built;
  const notification = server.notification.bind(server);
  server.notification = (...message) => notification(...message).catch(forgive);

  const builder = server as unknown as ContextBuilder;
  const buildContext = builder.buildContext.bind(server);
  builder.buildContext = (context, ...rest) => {
    const { notify } = context.mcpReq;
    // A copy: what is written over in the SDK's own object outlives V8's quick collections, with all of its request.
    context.mcpReq = { ...context.mcpReq, notify: (...message) => notify(...message).catch(forgive) };
    return buildContext(context, ...rest);
  };
}

function forgive(error: unknown): void {
  if (!(error instanceof SdkError && error.code === SdkErrorCode.NotConnected)) throw error;
}
