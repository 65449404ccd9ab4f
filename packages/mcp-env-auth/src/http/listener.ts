import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigError } from "../errors.ts";

// Long enough for a tool call, short enough for an orchestrator that kills after 30 s.
const DRAIN_SECONDS = 10;
const IDLE_SWEEP_MS = 50;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** A listening HTTP server. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting, lets requests in flight finish for 10 s, then ends what is left. */
  close(): Promise<void>;
}

/** @throws ConfigError when the address can't be listened on. */
export async function listen(
  handler: RequestListener,
  address: { readonly host: string; readonly port: number },
): Promise<Listener> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS }, handler);
  await bind(server, address);
  const { port } = server.address() as AddressInfo;
  return { host: address.host, port, close: () => drain(server) };
}

function bind(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(describeBindError(error, host, port)));
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function describeBindError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Stop what listens there, or set another FASTMCP_PORT.`,
    EACCES: `Port ${port} needs more rights than this process has. Set FASTMCP_PORT to a port above 1023.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set FASTMCP_HOST to 127.0.0.1, or to 0.0.0.0 for all interfaces.`,
    ENOTFOUND: `${host} is no known host name. Set FASTMCP_HOST to 127.0.0.1, or to 0.0.0.0 for all interfaces.`,
  };
  const reason = reasons[error.code ?? ""];
  if (reason === undefined) return error;
  const variable = error.code === "EADDRINUSE" || error.code === "EACCES" ? "FASTMCP_PORT" : "FASTMCP_HOST";
  return new ConfigError([{ variable, message: reason }], { cause: error });
}

async function drain(server: Server): Promise<void> {
  server.prependListener("request", (_request, response) => response.setHeader("Connection", "close"));
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Connections of requests in flight turn idle one by one and would linger for the keep-alive timeout.
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_SECONDS * 1000);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
