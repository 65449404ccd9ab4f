import {
  type BaseContext,
  type McpServer,
  type MessageExtraInfo,
  SdkError,
  SdkErrorCode,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { clientOf } from "./web-request.ts";

/**
 * The method that makes the context of each request. It is protected: the SDK has it for subclasses, and `McpServer`
 * makes its `Server` itself.
 */
interface ContextBuilder {
  buildContext(context: BaseContext, extra?: MessageExtraInfo): ServerContext;
}

/**
 * Drops what the handlers of a server for one request notify after that request is over. The SDK rejects then, and most
 * handlers don't await what they report of their progress: a client that leaves in the middle of a call would end the
 * process with an unhandled rejection.
 *
 * While the request lasts, a handler that awaits its notifications waits for a client that reads slowly: the SDK's
 * stream keeps whatever it is given.
 */
export function dropLateNotifications(built: McpServer | Server): void {
  const server = "server" in built ? built.server : built;
  const notification = server.notification.bind(server);
  server.notification = (...message) => notification(...message).catch(forgive);

  const builder = server as unknown as ContextBuilder;
  const buildContext = builder.buildContext.bind(server);
  builder.buildContext = (context, extra) => {
    const { notify } = context.mcpReq;
    const client = clientOf(extra?.request);
    // A copy: what is written over in the SDK's own object outlives V8's quick collections, with all of its request.
    context.mcpReq = {
      ...context.mcpReq,
      notify: async (...message) => {
        await notify(...message).catch(forgive);
        await client?.caughtUp();
      },
    };
    return buildContext(context, extra);
  };
}

function forgive(error: unknown): void {
  if (!(error instanceof SdkError && error.code === SdkErrorCode.NotConnected)) {
    throw error;
  }
}
