import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { DEFAULT_STALL, type StallLimits, unsentBytes, watchStalledClients } from "./stalled-clients.ts";
import { limitUnreadBody } from "./unread-bodies.ts";

/** How many requests of one connection may be running or queued. No client that is known to us sends more than one. */
export const MAX_PIPELINED = 16;

/** The connections of one server, and what is being answered on them. */
export interface Connections {
  /** Those that are open. */
  readonly sockets: ReadonlySet<Socket>;
  /** Follows a connection before its first request. */
  follow(socket: Socket): void;
  /**
   * Ties `response` to its connection: it closes when that does. Returns `false` when nothing is to be answered: the
   * connection has ended, or has more than {@link MAX_PIPELINED} requests running or queued and is closed for it.
   */
  join(request: IncomingMessage, response: ServerResponse): boolean;
}

/** The responses of a connection that are not closed, in the order of their requests. */
const queues = new WeakMap<Socket, Set<ServerResponse>>();

export function createConnections(stall: StallLimits = DEFAULT_STALL): Connections {
  const sockets = new Set<Socket>();
  const watch = watchStalledClients(sockets, (socket) => unsentBytes(socket) + queuedBytes(socket), stall);

  function follow(socket: Socket): void {
    if (sockets.has(socket) || socket.destroyed) {
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    watch();
  }

  watch();
  return {
    sockets,
    follow,
    join(request, response) {
      const { socket } = request;
      const queue = queues.get(socket) ?? startQueue(socket);
      // By whoever was in front of us.
      if (queue.has(response)) {
        return true;
      }
      // Node.js goes on with what it has read of a connection that has ended.
      if (socket.destroyed) {
        return false;
      }
      if (queue.size >= MAX_PIPELINED) {
        socket.destroy();
        return false;
      }
      follow(socket);
      queue.add(response);
      limitUnreadBody(request, response);
      response.once("close", () => queue.delete(response));
      return true;
    },
  };
}

/** The responses on `socket` that are not closed. */
export function responsesOn(socket: Socket): ReadonlySet<ServerResponse> {
  return queues.get(socket) ?? NONE;
}

const NONE: ReadonlySet<ServerResponse> = new Set();

/**
 * Node.js closes only the response that has the connection when that ends, not those that wait behind it (HTTP
 * pipelining, RFC 9112 section 9.3.2): whatever goes on until they are closed would go on for as long as the process.
 */
function startQueue(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>();
  queues.set(socket, queue);
  socket.once("close", () => {
    for (const response of queue) {
      if (response.socket === null) {
        response.destroy();
      }
    }
    // Node.js 24 says by then that they are closed; 20 and 22 never do.
    setImmediate(() => {
      for (const response of queue) {
        if (response.socket === null) {
          response.emit("close");
        }
      }
    });
  });
  return queue;
}

/** What was written to responses that wait for their turn. */
function queuedBytes(socket: Socket): number {
  let bytes = 0;
  for (const response of responsesOn(socket)) {
    if (response.socket === null) {
      bytes += response.writableLength;
    }
  }
  return bytes;
}
