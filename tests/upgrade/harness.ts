import { once } from "node:events";
import { createServer as createHttpServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer, getAccessToken } from "mcp-env-auth";

/** A server of the current code, started from an `.env`, and reached as if it stood behind its public address. */
export interface UpgradeServer {
  /** Sends a request to the server, whatever host `url` names. Redirects are not followed. */
  send(url: string | URL, request?: SentRequest): Promise<Answer>;
  close(): Promise<void>;
}

export interface SentRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface StartOptions {
  /** The path of the `.env`. */
  readonly envFile: string;
  /** The time of the server's clock, seconds since the Unix epoch. */
  readonly now: number;
  /** Variables of the process, in addition to the file's. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}

/** Milliseconds. */
const READY_WITHIN = 10_000;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Starts a server whose only tool, `whoami`, tells everything that a handler learns about its caller. */
export async function startServer({ envFile, now, variables }: StartOptions): Promise<UpgradeServer> {
  const server = createServer({
    name: "Upgrade fixture",
    version: "1.0.0",
    env: { FASTMCP_ENV_FILE: envFile, ...variables },
    clock: () => now,
    logger: silent,
  });
  server.registerTool("whoami", {}, () => ({ ...getAccessToken(), token: providerToken() }));
  const http = createHttpServer(await server.app());
  await once(http.listen(0, "127.0.0.1"), "listening");
  const { port } = http.address() as AddressInfo;
  const started: UpgradeServer = {
    send: (url, request) => send(port, new URL(url), request),
    async close() {
      http.close();
      http.closeAllConnections();
      await server.close();
    },
  };
  try {
    await untilReady(started);
    return started;
  } catch (error) {
    await started.close();
    throw error;
  }
}

async function untilReady(server: UpgradeServer): Promise<void> {
  const deadline = performance.now() + READY_WITHIN;
  while ((await server.send("http://127.0.0.1/readyz")).status !== 200) {
    if (performance.now() > deadline) {
      throw new Error("The server did not find its provider.");
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The provider's token, or what a handler gets in its place where there is none. */
function providerToken(): string | undefined {
  try {
    return getAccessToken().token;
  } catch {
    return undefined;
  }
}

async function send(port: number, url: URL, { method = "GET", headers, body }: SentRequest = {}): Promise<Answer> {
  const request = httpRequest({
    host: "127.0.0.1",
    port,
    method,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host },
    agent: false,
  });
  request.end(body);
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += chunk;
  }
  return { status: response.statusCode, headers: response.headers, text };
}
