import type { Server } from "node:http";
import type { Socket } from "node:net";

/** What libuv knows of a connection: `net` itself asks it so. It alone tells how much of one long write has gone out. */
interface Handle {
  /** What it was given, gone out or not. */
  readonly bytesWritten: number;
  /** What of that has not gone out. */
  readonly writeQueueSize: number;
}

interface Stall {
  readonly sent: number;
  /** Milliseconds, monotonic. */
  readonly since: number;
}

const SWEEPS_PER_LIMIT = 4;

/**
 * Ends connections whose client has read nothing, for `limit` seconds and at most a quarter more, of an answer that
 * waits for it. What counts is what has gone out: by Node's own timeout a client that reads nothing, and sends another
 * request now and then, could have its answers held for ever. Connections on which nothing waits are left alone.
 */
export function cutUnreadAnswers(server: Server, connections: ReadonlySet<Socket>, limit: number): void {
  const stalls = new WeakMap<Socket, Stall>();
  const sweep = () => {
    const now = performance.now();
    for (const socket of connections) {
      const handle = (socket as { readonly _handle?: Handle | null })._handle;
      if (!handle?.writeQueueSize) {
        stalls.delete(socket);
        continue;
      }
      const sent = handle.bytesWritten - handle.writeQueueSize;
      const stall = stalls.get(socket);
      if (stall?.sent !== sent) stalls.set(socket, { sent, since: now });
      else if (now - stall.since >= limit * 1000) socket.destroy();
    }
  };
  const timer = setInterval(sweep, (limit / SWEEPS_PER_LIMIT) * 1000).unref();
  server.once("close", () => clearInterval(timer));
}
