import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConfigProblem } from "../errors.ts";
import { isLoopback, parseUrl } from "../lib/url.ts";

/** Where metrics are served. */
export interface MetricsAddress {
  /** FASTMCP_METRICS_HOST. */
  readonly host: string;
  /** FASTMCP_METRICS_PORT; 0 for any free one. */
  readonly port: number;
}

export interface MetricsPage {
  readonly contentType: string;
  /** All metrics in Prometheus' text format. */
  exposition(): Promise<string>;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The port for metrics can't be opened. */
export class PortNotOpened extends Error {
  override readonly name = "PortNotOpened";
  readonly problem: ConfigProblem;

  constructor(problem: ConfigProblem, options: ErrorOptions) {
    super(problem.message, options);
    this.problem = problem;
  }
}

/** A scraper needs one; a stranger must not collect them. */
const MAX_CONNECTIONS = 20;

const PATIENCE_MS = 5000;

/**
 * Serves `page` at `/metrics`, and nothing else, until it is closed. It doesn't keep the process alive. At a loopback
 * address, Host must name one as well: a web page that points a name of its own at this machine reads nothing.
 *
 * @throws PortNotOpened
 */
export async function serveMetrics(page: MetricsPage, address: MetricsAddress): Promise<MetricsServer> {
  const server = createServer({ headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS }, (request, response) => {
    answer(page, address, request, response).catch(() => response.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;
  await open(server, address);
  server.unref();
  const { port } = server.address() as AddressInfo;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return {
    url: `http://${host}:${port}/metrics`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  page: MetricsPage,
  { host }: MetricsAddress,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("X-Content-Type-Options", "nosniff");
  const { method, url = "", headers } = request;
  if (isLoopback(host) && !isLoopback(parseUrl(`http://${headers.host ?? ""}`)?.hostname ?? "")) {
    response.writeHead(403).end();
  } else if (url.split("?", 1)[0] !== "/metrics") {
    response.writeHead(404).end();
  } else if (method !== "GET" && method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
  } else {
    const text = await page.exposition();
    response.writeHead(200, { "Content-Type": page.contentType });
    response.end(method === "HEAD" ? undefined : text);
  }
}

async function open(server: Server, { host, port }: MetricsAddress): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (error) {
    throw new PortNotOpened(describeFailure(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
}

function describeFailure({ code }: NodeJS.ErrnoException, host: string, port: number): ConfigProblem {
  switch (code) {
    case "EADDRINUSE":
      return {
        variable: "FASTMCP_METRICS_PORT",
        message: `names a port that is in use (${port} on ${host}). Stop what listens there, or set another port.`,
      };
    case "EACCES":
      return {
        variable: "FASTMCP_METRICS_PORT",
        message: `names a port that needs more rights than this process has (${port}). Set one above 1023.`,
      };
    default:
      return {
        variable: "FASTMCP_METRICS_HOST",
        message: `is not an address of this machine (${host}). Set 127.0.0.1, or 0.0.0.0 for all interfaces.`,
      };
  }
}
