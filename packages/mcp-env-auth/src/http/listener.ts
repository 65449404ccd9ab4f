import { createServer, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "../errors.ts";
import { cutUnreadAnswers } from "./unread-answers.ts";

const DEFAULT_LIMITS: ListenerLimits = {
  headers: 10,
  request: 30,
  // Longer than load balancers keep an idle connection (most: 60 s): the side that sends on it should be the one to close it.
  keepAlive: 65,
  unread: 120,
  lull: 0.5,
  // Together shorter than an orchestrator's patience (most: 30 s), and the second longer than a tool call.
  handover: 5,
  drain: 10,
};
const SWEEP_MS = 50;

/** Seconds. */
export interface ListenerLimits {
  /** For a client to send its headers. */
  readonly headers: number;
  /** For a client to send a whole request. */
  readonly request: number;
  /** How long an idle connection is kept. */
  readonly keepAlive: number;
  /** How long a client may read nothing of an answer that waits for it. */
  readonly unread: number;
  /** While closing: how long no request has to come until nobody is taken to send more. */
  readonly lull: number;
  /** While closing: the longest time that new requests are still taken. */
  readonly handover: number;
  /** While closing: how long requests in flight may then take. */
  readonly drain: number;
}

/** A listening HTTP server. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /**
   * Stops without failing anybody: while requests keep coming, from a load balancer that has not noticed yet, they are
   * served for 5 s more. Then nothing new is accepted, what is in flight may finish for 10 s, and the rest is cut.
   * Settles with how many requests that were.
   */
  close(): Promise<number>;
}

/** @throws ConfigError when the address can't be listened on. */
export async function listen(
  handler: RequestListener,
  address: { readonly host: string; readonly port: number },
  options: Partial<ListenerLimits> = {},
): Promise<Listener> {
  const limits = { ...DEFAULT_LIMITS, ...options };
  const server = createServer(
    {
      headersTimeout: limits.headers * 1000,
      requestTimeout: limits.request * 1000,
      keepAliveTimeout: limits.keepAlive * 1000,
      // How often Node looks for requests over these limits; its default of 30 s would triple them.
      connectionsCheckingInterval: (Math.min(limits.headers, limits.request) / 4) * 1000,
    },
    handler,
  );
  const traffic = watchTraffic(server);
  cutUnreadAnswers(server, traffic.connections, limits.unread);
  await bind(server, address);
  const { port } = server.address() as AddressInfo;
  return { host: address.host, port, close: () => drain(server, limits, traffic) };
}

interface Traffic {
  /** Seconds. */
  sinceLastRequest(): number;
  /** The answers that are not complete. */
  readonly inFlight: ReadonlySet<ServerResponse>;
  readonly connections: ReadonlySet<Socket>;
}

function watchTraffic(server: Server): Traffic {
  const connections = new Set<Socket>();
  const inFlight = new Set<ServerResponse>();
  let requestedAt = Number.NEGATIVE_INFINITY;
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  server.prependListener("request", (_request, response) => {
    requestedAt = performance.now();
    inFlight.add(response);
    response.once("close", () => inFlight.delete(response));
  });
  return { connections, inFlight, sinceLastRequest: () => (performance.now() - requestedAt) / 1000 };
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

/**
 * Keeps connections open whose clients still read. Node.js takes a connection for idle once its answer was ended,
 * however much of that is still to be sent.
 */
function spareUnreadAnswers(server: Server, { inFlight }: Traffic): void {
  const closeIdleConnections = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    const isBeingRead = [...inFlight].some(({ writableEnded, writableFinished }) => writableEnded && !writableFinished);
    if (!isBeingRead) closeIdleConnections();
  };
}

async function drain(server: Server, limits: ListenerLimits, traffic: Traffic): Promise<number> {
  // A client that is told so does not send its next request on a connection that is about to close.
  const announce = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader("Connection", "close");
  };
  traffic.inFlight.forEach(announce);
  server.prependListener("request", (_request, response) => announce(response));
  spareUnreadAnswers(server, traffic);
  const handoverEnd = performance.now() + limits.handover * 1000;
  while (traffic.sinceLastRequest() < limits.lull && performance.now() < handoverEnd) await sleep(SWEEP_MS);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // Connections of requests in flight turn idle one by one, and browsers open some in advance: none is worth waiting for.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    for (const socket of traffic.connections) if (socket.bytesRead === 0) socket.destroy();
  }, SWEEP_MS);
  let cut = 0;
  const deadline = setTimeout(() => {
    cut = traffic.inFlight.size;
    server.closeAllConnections();
  }, limits.drain * 1000);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
  return cut;
}
