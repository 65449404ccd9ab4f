import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { silentLogger } from "../../logger.ts";
import { createServer } from "../../server.ts";

export interface ProxySetup {
  /** What a proxy does before it forwards: `true` when it has answered itself. */
  readonly meddle?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Changes the headers of an answer on its way back. */
  readonly answer?: (headers: Record<string, unknown>) => void;
  /** The path of BASE_URL. */
  readonly path?: string;
  readonly forwardedHost?: string;
  /** Whether it has a tool that everybody may call. */
  readonly hasPublicTool?: boolean;
}

/**
 * A server with a reverse proxy in front, until the test ends.
 *
 * @param envFor The variables of a server with this `BASE_URL`.
 * @returns The proxy's address with the path.
 */
export async function startBehindProxy(
  envFor: (baseUrl: string) => Record<string, string>,
  { meddle, answer, path = "", forwardedHost, hasPublicTool = false }: ProxySetup = {},
): Promise<{ readonly baseUrl: string }> {
  const backend = createHttpServer();
  const proxy = createHttpServer((request, response) => {
    if (meddle?.(request, response)) {
      return;
    }
    const { port } = backend.address() as AddressInfo;
    const headers = { ...request.headers, ...(forwardedHost && { host: forwardedHost }) };
    const { method, url } = request;
    request.pipe(
      httpRequest({ host: "127.0.0.1", port, method, path: url, headers }, (reply) => {
        const replied: Record<string, unknown> = { ...reply.headers };
        answer?.(replied);
        response.writeHead(reply.statusCode ?? 500, replied as Record<string, string>);
        reply.pipe(response);
      }),
    );
  });
  const baseUrl = `${await listenForTest(proxy)}${path}`;
  const server = createServer({
    name: "Behind a proxy",
    version: "1.0.0",
    env: envFor(baseUrl),
    logger: silentLogger,
  });
  if (hasPublicTool) {
    server.registerTool("contact", { access: "public" }, () => "Write to us.");
  }
  backend.on("request", await server.app());
  const address = await listenForTest(backend);
  onTestFinished(() => server.close());
  while (!(await fetch(`${address}/readyz`)).ok) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { baseUrl };
}

/** Listens on a free port of this machine until the test ends, and gives the address. */
export async function listenForTest(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
