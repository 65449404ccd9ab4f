import { type McpServer, ResourceNotFoundError } from "@modelcontextprotocol/server";
import { type RequestHandler, wrapRequestHandlers } from "./wrap-request-handlers.ts";

/**
 * Answers a read of a concealed resource as one of an unknown resource. Otherwise a template that also matches would
 * answer in its place. Call it before anything is registered.
 */
export function concealResources(server: McpServer, isConcealed: (uri: string) => boolean): void {
  wrapRequestHandlers(server, (handler, method) => {
    if (method !== "resources/read") {
      return handler;
    }
    const concealing: RequestHandler<{ params: { uri: string } }> = (request, context) => {
      if (isConcealed(request.params.uri)) {
        throw new ResourceNotFoundError(request.params.uri);
      }
      return handler(request, context);
    };
    return concealing as RequestHandler;
  });
}
