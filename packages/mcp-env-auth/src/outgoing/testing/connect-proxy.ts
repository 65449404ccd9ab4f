import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface ConnectProxyOptions {
  /** Where tunnels lead, whatever their host: a port of this machine. */
  readonly target?: number;
  /** Tunnels are for its user only (RFC 9110 section 11.7). */
  readonly password?: string | undefined;
  readonly host?: "127.0.0.1" | "::1";
  /** The proxy speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What it does in place of opening a tunnel. */
  readonly answer?: (client: Socket, request: IncomingMessage) => void;
}

/** An HTTP proxy that opens tunnels. */
export interface ConnectProxy {
  readonly port: number;
  /** Without credentials. */
  readonly url: string;
  /** `host:port` of each tunnel that was asked for. */
  readonly tunnels: readonly string[];
  /** What came in `Proxy-Authorization`. */
  readonly credentials: readonly (string | undefined)[];
  /** How many connections to it are open. */
  connections(): number;
  close(): void;
}

/** Starts a proxy that ends with the test. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const { target = 1, password, host = "127.0.0.1", tls, answer } = options;
  const tunnels: string[] = [];
  const credentials: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const expected = password && `Basic ${Buffer.from(`user:${password}`).toString("base64")}`;
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  server.on("request", (_request, response) => response.writeHead(405).end());
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    tunnels.push(request.url ?? "");
    credentials.push(request.headers["proxy-authorization"]);
    client.on("error", () => undefined);
    // Whoever has left wants no answer.
    client.on("end", () => client.destroy());
    if (expected !== undefined && request.headers["proxy-authorization"] !== expected) {
      client.end(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
      );
    } else if (answer === undefined) {
      openTunnel(client, target);
    } else {
      client.resume();
      answer(client, request);
    }
  });
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls === undefined ? "http" : "https"}://${host === "::1" ? "[::1]" : host}:${port}`,
    tunnels,
    credentials,
    connections: () => sockets.size,
    close: () => server.close(),
  };
}

function openTunnel(client: Socket, port: number): void {
  const upstream = connect(port, "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on("error", () => client.destroy());
  // Nothing is piped from the client any more, and its end would go unread.
  upstream.on("close", () => client.resume());
  client.on("close", () => upstream.destroy());
}
