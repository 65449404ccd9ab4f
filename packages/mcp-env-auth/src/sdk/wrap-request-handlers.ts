import type { McpServer, ServerContext } from "@modelcontextprotocol/server";

/** A request handler, as `Server.setRequestHandler` takes it. Its request is checked by the SDK first. */
export type RequestHandler<Request = unknown> = (request: Request, context: ServerContext) => unknown;

type SetRequestHandler = (method: string, ...rest: unknown[]) => void;

/**
 * Wraps each request handler that is registered with `server` from now on. The SDK's `McpServer` registers its own
 * handlers through the same method. Handlers that were registered earlier stay as they are.
 */
export function wrapRequestHandlers(
  { server }: McpServer,
  wrap: (handler: RequestHandler, method: string) => RequestHandler,
): void {
  const setRequestHandler = server.setRequestHandler.bind(server) as SetRequestHandler;
  server.setRequestHandler = (method: string, ...rest: unknown[]) => {
    // A method of an extension comes with schemas in front of its handler.
    const handler = rest.pop() as RequestHandler;
    setRequestHandler(method, ...rest, wrap(handler, method));
  };
}
