import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const TLS = new URL("../../packages/mcp-env-auth/src/proxy/clients/documents/testing/tls/", import.meta.url);

/** The authority that signed the certificate of {@link startTlsFront}: a file, as NODE_EXTRA_CA_CERTS names it. */
export const PRIVATE_CA = fileURLToPath(new URL("test-ca.pem", TLS));

/** A name in that certificate. No resolver is asked for it: only the proxy knows where it is. */
export const TLS_HOST = "client.example.com";

/** https in front of an identity provider that speaks http: its addresses become https://client.example.com. */
export async function startTlsFront(origin: string): Promise<number> {
  const cert = readFileSync(new URL("test-leaf.pem", TLS));
  const key = readFileSync(new URL("test-leaf-key.pem", TLS));
  const server = createTlsServer({ cert, key }, (request, response) => {
    const forwarded = httpRequest(
      new URL(request.url ?? "/", origin),
      { method: request.method, headers: { ...request.headers, host: new URL(origin).host } },
      async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) {
          chunks.push(chunk as Buffer);
        }
        const body = Buffer.concat(chunks).toString("utf8");
        const isMetadata = request.url?.includes("openid-configuration") === true;
        response.writeHead(answer.statusCode ?? 500, { "content-type": answer.headers["content-type"] ?? "" });
        response.end(isMetadata ? body.replaceAll(origin, `https://${TLS_HOST}`) : body);
      },
    );
    request.pipe(forwarded);
  });
  return listen(server);
}

/** An HTTP proxy that opens tunnels, all of them to one port of this machine. */
export interface ConnectProxy {
  readonly port: number;
  /** `host:port` of each tunnel. */
  readonly tunnels: readonly string[];
  /** What came in `Proxy-Authorization`. */
  readonly credentials: readonly (string | undefined)[];
  close(): void;
}

/** With `password`, tunnels are for its user only (RFC 9110 section 11.7). */
export async function startConnectProxy(target: number, password?: string): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const credentials: (string | undefined)[] = [];
  const expected = password && `Basic ${Buffer.from(`user:${password}`).toString("base64")}`;
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    tunnels.push(request.url ?? "");
    credentials.push(request.headers["proxy-authorization"]);
    client.on("error", () => {});
    if (expected !== undefined && request.headers["proxy-authorization"] !== expected) {
      client.end(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
      );
      return;
    }
    const upstream = connect(target, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  const port = await listen(server);
  return { port, tunnels, credentials, close: () => server.close() };
}

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) {
      socket.destroy();
    }
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
