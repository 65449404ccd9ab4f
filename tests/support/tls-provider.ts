import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
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
