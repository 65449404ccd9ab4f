import type { Socket } from "node:net";
import { createCountedLines } from "../counted-lines.ts";
import { networkOf } from "../lib/client-network.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { readAddress } from "./client-address.ts";
import { type ConnectionLimit, findConnectionLimit } from "./connection-limit.ts";
import { responsesOn } from "./connections.ts";

export interface ConnectionPlacesOptions {
  /** Default: what this process can have. */
  readonly limit?: ConnectionLimit;
  /**
   * Whether connections come from proxies, each with the requests of many clients: then none on which a request is
   * under way is closed for another address. Default: no.
   */
  readonly isBehindProxies?: boolean;
  /** Milliseconds that a connection has for its first request before it gives way to others. Default 1000. */
  readonly patience?: number;
  readonly logger?: Logger;
}

/**
 * Returns what gives a new connection a place, or closes it and returns `false`.
 *
 * When all places are taken, an address gets one from the address with the most, as long as that one still has as many
 * afterwards: of a connection that waits for a request, else of one whose request is not complete, else the oldest one.
 * Otherwise it gets the place of a connection that waits for a request: its own, or that of an address with more.
 */
export function createConnectionPlaces({
  limit: given,
  isBehindProxies = false,
  patience = 1000,
  logger = silentLogger,
}: ConnectionPlacesOptions = {}): (socket: Socket) => boolean {
  let found = given;
  /** The oldest first, as in each address. */
  const places = new Map<Socket, Place>();
  const byAddress = new Map<string, Set<Socket>>();
  const lines = createCountedLines(logger);
  const socketsOf = (address: string) => byAddress.get(address) ?? new Set<Socket>();

  function leave(socket: Socket): void {
    const { address } = places.get(socket) ?? {};
    if (address === undefined) {
      return;
    }
    places.delete(socket);
    const own = byAddress.get(address);
    own?.delete(socket);
    if (own?.size === 0) {
      byAddress.delete(address);
    }
  }

  function join(socket: Socket, address: string): void {
    places.set(socket, { address, openedAt: performance.now() });
    const own = byAddress.get(address) ?? new Set();
    byAddress.set(address, own.add(socket));
    socket.once("close", () => leave(socket));
  }

  function victimFor(address: string): Socket | undefined {
    const own = socketsOf(address);
    const largest = largestOf(byAddress.values());
    if (largest.size >= own.size + 2) {
      return first(largest, isIdle) ?? (isBehindProxies ? undefined : (first(largest, isIncomplete) ?? first(largest)));
    }
    const now = performance.now();
    const waits = (socket: Socket) => isIdle(socket) && now - (places.get(socket)?.openedAt ?? now) >= patience;
    const isOfMore = (socket: Socket) => socketsOf(places.get(socket)?.address ?? "").size > own.size;
    return first(own, waits) ?? first(places.keys(), (socket) => isOfMore(socket) && waits(socket));
  }

  return (socket) => {
    const { remoteAddress } = socket;
    // Whoever has no address any more has left.
    if (remoteAddress === undefined) {
      socket.destroy();
      return false;
    }
    const address = networkOf(readAddress(remoteAddress) ?? "");
    found ??= findConnectionLimit();
    const { limit, advice } = found;
    if (places.size >= limit) {
      const message = `All ${limit} connections that this process may have are open. For new ones it closes those that wait for a request, and those of the address with the most. ${advice}`;
      lines.warn("full", { event: "connections-full", limit, addresses: byAddress.size }, message);
      const victim = victimFor(address);
      if (victim === undefined) {
        socket.destroy();
        return false;
      }
      leave(victim);
      victim.destroy();
    }
    join(socket, address);
    return true;
  };
}

interface Place {
  readonly address: string;
  /** Milliseconds, monotonic. */
  readonly openedAt: number;
}

function largestOf(sets: Iterable<ReadonlySet<Socket>>): ReadonlySet<Socket> {
  let largest: ReadonlySet<Socket> = new Set();
  for (const set of sets) {
    if (set.size > largest.size) {
      largest = set;
    }
  }
  return largest;
}

function first(sockets: Iterable<Socket>, fits: (socket: Socket) => boolean = () => true): Socket | undefined {
  for (const socket of sockets) {
    if (fits(socket)) {
      return socket;
    }
  }
  return undefined;
}

/** Whether nothing is being answered: it waits for a request, or for the end of its headers. */
function isIdle(socket: Socket): boolean {
  return responsesOn(socket).size === 0;
}

/** Whether its client has not sent all of a request. */
function isIncomplete(socket: Socket): boolean {
  return [...responsesOn(socket)].some(({ req }) => !req.complete);
}
