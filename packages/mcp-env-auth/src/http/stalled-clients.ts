import type { Socket } from "node:net";

/** When a client counts as one that reads nothing. */
export interface StallLimits {
  /** Seconds that a client may take nothing of what waits for it. */
  readonly unread: number;
  /** Bytes that must wait for a client until it has to read at {@link StallLimits.rate}. */
  readonly backlog: number;
  /** Bytes a second. */
  readonly rate: number;
  /** Seconds over which the rate is measured. */
  readonly period: number;
}

export const DEFAULT_STALL: StallLimits = { unread: 120, backlog: 64 * 1024, rate: 1024, period: 60 };

/**
 * What libuv knows of a connection: `net` itself asks it so. It alone tells how much of one long write has gone out.
 */
interface Handle {
  /** What it was given, gone out or not. */
  readonly bytesWritten: number;
  /** What of that has not gone out. */
  readonly writeQueueSize: number;
}

/** What had gone out at a time. */
interface Sample {
  readonly sent: number;
  /** Milliseconds, monotonic. */
  readonly at: number;
}

const SWEEPS_PER_LIMIT = 4;

/**
 * Ends connections whose client takes nothing, or next to nothing, of what waits for it. What counts is what has gone
 * out: by Node's own timeout a client that reads nothing, and sends another request now and then, could have its
 * answers held forever. Connections on which nothing waits, such as quiet streams, are left alone.
 *
 * @param waitingFor bytes that wait for the client of a connection.
 * @returns what starts to watch `sockets`, until none is left.
 */
export function watchStalledClients(
  sockets: ReadonlySet<Socket>,
  waitingFor: (socket: Socket) => number,
  { unread, backlog, rate, period }: StallLimits,
): () => void {
  const unreadSince = new WeakMap<Socket, Sample>();
  const behind = new WeakMap<Socket, Sample[]>();
  let timer: NodeJS.Timeout | undefined;

  function takesNothing(socket: Socket, now: Sample, waiting: number): boolean {
    const since = unreadSince.get(socket);
    if (waiting > 0 && since?.sent === now.sent) {
      return now.at - since.at >= unread * 1000;
    }
    unreadSince.set(socket, now);
    return false;
  }

  function takesLittle(socket: Socket, now: Sample, waiting: number): boolean {
    if (waiting < backlog) {
      behind.delete(socket);
      return false;
    }
    const samples = behind.get(socket) ?? [];
    behind.set(socket, samples);
    samples.push(now);
    const isOld = (sample: Sample | undefined) => sample !== undefined && now.at - sample.at >= period * 1000;
    // The last of the old ones is where the period begins.
    while (isOld(samples[1])) {
      samples.shift();
    }
    const [first] = samples;
    return first !== undefined && isOld(first) && now.sent - first.sent < ((now.at - first.at) / 1000) * rate;
  }

  const sweep = () => {
    if (sockets.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
    const at = performance.now();
    for (const socket of sockets) {
      const now = { sent: sentBytes(socket), at };
      const waiting = waitingFor(socket);
      if (takesNothing(socket, now, waiting) || takesLittle(socket, now, waiting)) {
        socket.destroy();
      }
    }
  };
  return () => {
    timer ??= setInterval(sweep, (Math.min(unread, period) / SWEEPS_PER_LIMIT) * 1000).unref();
  };
}

/** The bytes that the operating system has taken. */
export function sentBytes(socket: Socket): number {
  const handle = handleOf(socket);
  return handle === undefined ? 0 : handle.bytesWritten - handle.writeQueueSize;
}

/** The bytes that were written to a connection and are still here. */
export function unsentBytes(socket: Socket): number {
  return handleOf(socket) === undefined ? 0 : Math.max(0, (socket.bytesWritten ?? 0) - sentBytes(socket));
}

function handleOf(socket: Socket): Handle | undefined {
  return (socket as { readonly _handle?: Handle | null })._handle ?? undefined;
}
