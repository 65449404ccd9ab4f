import { createServer as createHttpServer, type RequestListener } from "node:http";
import { onTestFinished } from "vitest";
import { createGateway } from "../../gateway.ts";
import { serve } from "../../http/testing/serve.ts";
import { stubAuth } from "../../server/testing/stub-auth.ts";

/** Each token is its user's name, with the client after a `/` and the organization after a `~`. */
const auth = stubAuth((token) => {
  const [, subject = "", organization, clientId = "client-1"] = /^([a-z]+)(?:~(\w+))?(?:\/(\w+))?$/.exec(token) ?? [];
  return subject === ""
    ? undefined
    : { subject, clientId, login: token, ...(organization !== undefined && { organization }) };
});

export interface LoggedLine {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Starts `listener` as an upstream, and a gateway in front of it, until the test ends. */
export async function startGateway(listener: RequestListener, env: Record<string, string> = {}) {
  const upstream = await serveRaw(listener);
  return { upstream, ...(await startGatewayTo(`${upstream}/mcp`, env)) };
}

/** Starts a gateway in front of an address, until the test ends. */
export async function startGatewayTo(upstream: string | readonly string[], env: Record<string, string> = {}) {
  const lines: LoggedLine[] = [];
  const log = (fields: object, message: string) => void lines.push({ fields: { ...fields }, message });
  const logger = { debug() {}, info: log, warn: log, error: log };
  const gateway = createGateway({ upstream, auth, env: { FASTMCP_ENV_FILE: "", ...env }, logger });
  onTestFinished(() => gateway.close());
  const origin = await serve(await gateway.app());

  /** Asks as `user`, with further headers. */
  function ask(user: string, body: unknown, headers: Record<string, string> = {}, rest: RequestInit = {}) {
    return fetch(`${origin}/mcp`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        Authorization: `Bearer ${user}`,
        Accept: "application/json, text/event-stream",
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...rest,
    });
  }
  return { origin, lines, ask, close: () => gateway.close() };
}

/** Serves `listener` on 127.0.0.1 as Node.js does, without our listener's limits. */
export async function serveRaw(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

export const call = (id: number | string = 1, name = "work") => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: {} },
});

/** An upstream that answers with what it was sent. */
export const echo: RequestListener = async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  const { method, headers } = request;
  const { id = null } = (text === "" ? {} : JSON.parse(text)) as { id?: unknown };
  const answer = JSON.stringify({ jsonrpc: "2.0", id, result: { method, headers, body: text } });
  response.writeHead(200, { "Content-Type": "application/json" }).end(answer);
};
