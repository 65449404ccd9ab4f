import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createCountedLines } from "../counted-lines.ts";
import { ConfigError, OAuthError } from "../errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { type ConnectionPlacesOptions, createConnectionPlaces } from "./connection-places.ts";
import { type Connections, createConnections, responsesOn } from "./connections.ts";
import { holdContinue } from "./expect-continue.ts";
import { createFairSlices } from "./fair-slices.ts";
import { MAX_HEADERS, refuseManyHeaders } from "./many-headers.ts";
import { sendOAuthError } from "./oauth-error-response.ts";
import { BYTES_OF_REQUEST } from "./open-body-room.ts";
import { DEFAULT_STALL, type StallLimits, sentBytes, unsentBytes } from "./stalled-clients.ts";

export const DEFAULT_LIMITS: ListenerLimits = {
  headers: 10,
  request: 30,
  // Longer than load balancers keep an idle connection (most: 60 s): the side that sends on it should be the one to
  // close it.
  keepAlive: 65,
  ...DEFAULT_STALL,
  lull: 0.5,
  // Together shorter than an orchestrator's patience (most: 30 s), and the second longer than a tool call.
  handover: 5,
  drain: 10,
  idle: 1,
};
const SWEEP_MS = 50;

/** What Node.js needs for each text of a request, apart from its characters. */
const BYTES_OF_TEXT = 32;

const BUSY = "Too many requests came at once. Try again in a moment.";

/** Seconds, unless it says otherwise. */
export interface ListenerLimits extends StallLimits {
  /** For a client to send its headers. */
  readonly headers: number;
  /** For a client to send a whole request. */
  readonly request: number;
  /** How long an idle connection is kept. */
  readonly keepAlive: number;
  /** While closing: how long no request has to come until nobody is taken to send more. */
  readonly lull: number;
  /** While closing: the longest time that new requests are still taken. */
  readonly handover: number;
  /** While closing: how long requests in flight may then take. */
  readonly drain: number;
  /** While closing: how long a client may neither send more of a request nor read more of its answer. */
  readonly idle: number;
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

export interface ListenOptions extends Partial<ListenerLimits> {
  readonly places?: Omit<ConnectionPlacesOptions, "logger">;
  readonly logger?: Logger;
}

/** @throws ConfigError when the address can't be listened on. */
export async function listen(
  handler: RequestListener,
  address: { readonly host: string; readonly port: number },
  { places = {}, logger = silentLogger, ...given }: ListenOptions = {},
): Promise<Listener> {
  const limits = { ...DEFAULT_LIMITS, ...given };
  const server = createServer({
    headersTimeout: limits.headers * 1000,
    requestTimeout: limits.request * 1000,
    keepAliveTimeout: limits.keepAlive * 1000,
    // How often Node looks for requests over these limits; its default of 30 s would triple them.
    connectionsCheckingInterval: (Math.min(limits.headers, limits.request) / 4) * 1000,
  });
  server.maxHeadersCount = MAX_HEADERS;
  const admits = createConnectionPlaces({ ...places, logger });
  const traffic = serveTraffic(server, handler, admits, createConnections(limits));
  await bind(server, address);
  const lines = createCountedLines(logger);
  server.on("error", (err) => lines.error("accept", { err }, "A connection could not be accepted"));
  const { port } = server.address() as AddressInfo;
  return { host: address.host, port, close: () => drain(server, limits, traffic) };
}

interface Traffic {
  readonly sockets: ReadonlySet<Socket>;
  /** Seconds. */
  sinceLastRequest(): number;
  /** The answers that are not complete. */
  inFlight(): ServerResponse[];
  /** Calls `onRequest` for each request from now on, before it is served. */
  announceEach(onRequest: (response: ServerResponse) => void): void;
}

function serveTraffic(
  server: Server,
  handler: RequestListener,
  admits: (socket: Socket) => boolean,
  { sockets, follow, join }: Connections,
): Traffic {
  let requestedAt = Number.NEGATIVE_INFINITY;
  const inSlices = createFairSlices();
  let announce: (response: ServerResponse) => void = () => {};
  const serve: RequestListener = (request, response) => {
    if (!join(request, response)) {
      return;
    }
    requestedAt = performance.now();
    announce(response);
    if (refuseManyHeaders(request, response)) {
      return;
    }
    const begin = () => {
      if (!request.socket.destroyed) {
        handler(request, response);
      }
    };
    if (!inSlices(request.socket.remoteAddress ?? "", begin, () => bytesOf(request))) {
      response.shouldKeepAlive = false;
      sendOAuthError(response, new OAuthError("temporarily_unavailable", BUSY, { retryAfter: 1 }));
    }
  };
  server
    .on("connection", (socket) => {
      if (admits(socket)) {
        follow(socket);
      }
    })
    .on("request", serve)
    .on("checkContinue", (request, response) => {
      holdContinue(request, response);
      serve(request, response);
    })
    // RFC 9110 section 10.1.1. Node.js would answer these itself, any number at once.
    .on("checkExpectation", (request, response) => {
      if (!join(request, response)) {
        return;
      }
      response.shouldKeepAlive = false;
      response.writeHead(417).end();
    });
  return {
    sockets,
    sinceLastRequest: () => (performance.now() - requestedAt) / 1000,
    inFlight: () => [...sockets].flatMap((socket) => [...responsesOn(socket)]),
    announceEach(onRequest) {
      announce = onRequest;
    },
  };
}

/** Roughly what a request takes in memory that nothing has looked at. */
function bytesOf({ url = "", rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((sum, text) => sum + text.length + BYTES_OF_TEXT, BYTES_OF_REQUEST + url.length);
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
    EADDRNOTAVAIL: `${host} is not an address of this machine. Set FASTMCP_HOST to 127.0.0.1, or to 0.0.0.0 for all interfaces.`,
    ENOTFOUND: `${host} is not a known host name. Set FASTMCP_HOST to 127.0.0.1, or to 0.0.0.0 for all interfaces.`,
  };
  const reason = reasons[error.code ?? ""];
  if (reason === undefined) {
    return error;
  }
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
    const isBeingRead = inFlight().some(({ writableEnded, writableFinished }) => writableEnded && !writableFinished);
    if (!isBeingRead) {
      closeIdleConnections();
    }
  };
}

async function drain(server: Server, limits: ListenerLimits, traffic: Traffic): Promise<number> {
  // A client that is told so does not send its next request on a connection that is about to close.
  const announce = (response: ServerResponse) => {
    if (!response.headersSent) {
      response.setHeader("Connection", "close");
    }
  };
  traffic.inFlight().forEach(announce);
  traffic.announceEach(announce);
  spareUnreadAnswers(server, traffic);
  const handoverEnd = performance.now() + limits.handover * 1000;
  while (traffic.sinceLastRequest() < limits.lull && performance.now() < handoverEnd) {
    await sleep(SWEEP_MS);
  }
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  let cut = 0;
  const isWaitedFor = worthWaitingFor(limits.idle);
  const sweep = setInterval(() => {
    server.closeIdleConnections();
    for (const socket of traffic.sockets) {
      if (isWaitedFor(socket)) {
        continue;
      }
      cut += responsesOn(socket).size;
      socket.destroy();
    }
  }, SWEEP_MS);
  const deadline = setTimeout(() => {
    cut += traffic.inFlight().length;
    server.closeAllConnections();
  }, limits.drain * 1000);
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
  return cut;
}

/**
 * Tells which connections a server that closes waits for: those on which it has something to answer itself, or whose
 * client goes on sending its request or reading its answer. Browsers open connections in advance, and a client that has
 * begun a request and stopped, or does not read, could hold up the end for as long as the drain lasts.
 */
function worthWaitingFor(idle: number): (socket: Socket) => boolean {
  const moved = new WeakMap<Socket, { readonly bytes: number; readonly at: number }>();
  return (socket) => {
    const responses = [...responsesOn(socket)];
    if (responses.length === 0 && unsentBytes(socket) === 0) {
      return false;
    }
    if (responses.some(({ req, writableEnded }) => req.complete && !writableEnded)) {
      return true;
    }
    const bytes = socket.bytesRead + sentBytes(socket);
    const last = moved.get(socket);
    if (last?.bytes === bytes) {
      return performance.now() - last.at < idle * 1000;
    }
    moved.set(socket, { bytes, at: performance.now() });
    return true;
  };
}
