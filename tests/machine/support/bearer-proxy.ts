import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on this machine that a client without OAuth can use: it passes on every request with a token. */
export interface BearerProxy {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Passes requests on to the server at `origin`, with `token`. A `Host` and an `Origin` that name the proxy become the
 * server's, as they would be without a proxy; any other one stays, for the server to judge.
 */
export async function startBearerProxy(origin: string, token: string): Promise<BearerProxy> {
  const target = new URL(origin);
  const server = createServer((incoming, response) => passOn(incoming, response, target, token));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function passOn(incoming: IncomingMessage, response: ServerResponse, target: URL, token: string): void {
  const { port } = incoming.socket.address() as AddressInfo;
  const ours = new RegExp(`^(https?://)?(127\\.0\\.0\\.1|localhost):${port}$`);
  const named = (header: string | undefined, replacement: string) =>
    header !== undefined && ours.test(header) ? replacement : header;
  const { host, origin, ...headers } = incoming.headers;
  const outgoing = request({
    host: target.hostname,
    port: target.port,
    method: incoming.method,
    path: incoming.url,
    headers: {
      ...headers,
      host: named(host, target.host),
      ...(origin === undefined ? {} : { origin: named(origin, target.origin) }),
      authorization: `Bearer ${token}`,
    },
  });
  outgoing.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  response.on("close", () => outgoing.destroy());
  incoming.pipe(outgoing);
}
