import { type McpServer, ResourceNotFoundError } from "@modelcontextprotocol/server";

/**
 * Answers a read of a concealed resource as one of an unknown resource. Without that, a template that matches as well
 * would answer in its place.
 */
export function concealResources({ server }: McpServer, isConcealed: (uri: string) => boolean): void {
  const setRequestHandler = server.setRequestHandler.bind(server) as (method: string, ...rest: unknown[]) => void;
  server.setRequestHandler = (method: string, ...rest: unknown[]) => {
    const handler = rest.pop() as (request: { params: { uri: string } }, ...args: unknown[]) => unknown;
    const concealing: typeof handler = (request, ...args) => {
      if (isConcealed(request.params.uri)) throw new ResourceNotFoundError(request.params.uri);
      return handler(request, ...args);
    };
    setRequestHandler(method, ...rest, method === "resources/read" ? concealing : handler);
  };
}
