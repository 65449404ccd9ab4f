import type { AccessToken } from "../access-token.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import { createStdioPeer, type StdioPeer } from "./stdio-peer.ts";
import { UpstreamFault } from "./upstream-fault.ts";
import { userEnvironment, userKey } from "./user-environment.ts";

/** Processes of one user, through all clients. */
const MAX_PER_USER = 4;

/** A process that nobody used for so long ends, seconds. */
const IDLE_SECONDS = 600;

/** How long a command is left alone that ended before it was of use, seconds: twice as long each time. */
const SHORTEST_PAUSE = 1;
const LONGEST_PAUSE = 60;

const RETRY_SECONDS = 10;

export interface ProcessPoolOptions {
  readonly command: readonly [string, ...string[]];
  /** What commands inherit, but for this server's own settings. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The most processes at once. */
  readonly limit: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The processes of a command: one for each user, client and what the user lets that do. */
export interface ProcessPool {
  /** The one that is there for this caller. */
  find(token: AccessToken | undefined): StdioPeer | undefined;
  /** The same, or a new one. @throws UpstreamFault (503) where there is no place, or it ended too often. */
  enter(token: AccessToken | undefined): StdioPeer;
  close(): void;
}

interface Place {
  readonly peer: StdioPeer;
  readonly subject: string;
  usedAt: number;
}

export function createProcessPool({ command, env, limit, clock, logger }: ProcessPoolOptions): ProcessPool {
  /** The least recently used first. */
  const places = new Map<string, Place>();
  const pauses = new BoundedMap<number>({ capacity: 1000, whenFull: "evict unused", clock });
  const sweep = setInterval(
    () => {
      for (const [key, { peer, usedAt }] of [...places]) {
        if (!peer.isBusy() && clock() - usedAt > IDLE_SECONDS) {
          drop(key);
        }
      }
    },
    (IDLE_SECONDS / 20) * 1000,
  ).unref();

  function drop(key: string): void {
    const place = places.get(key);
    places.delete(key);
    place?.peer.kill();
  }

  /** @throws UpstreamFault */
  function makeRoom(subject: string): void {
    const own = [...places].filter(([, place]) => place.subject === subject);
    const isFull = places.size >= limit;
    if (own.length < MAX_PER_USER && !isFull) {
      return;
    }
    // Nobody's processes give way to those of a user who has as many as one may have.
    const candidates = own.length > 0 ? own : [...places];
    const [idle] = candidates.find(([, { peer }]) => !peer.isBusy()) ?? [];
    if (idle === undefined) {
      const text = `All ${isFull ? limit : MAX_PER_USER} processes are busy. Set FASTMCP_UPSTREAM_MAX_PROCESSES to allow more in all.`;
      throw new UpstreamFault("unreachable", text, { status: 503, retryAfter: RETRY_SECONDS });
    }
    drop(idle);
  }

  function start(key: string, token: AccessToken | undefined): Place {
    const startedAt = clock();
    const place: Place = {
      subject: token?.subject ?? "",
      usedAt: startedAt,
      peer: createStdioPeer({ command, env: userEnvironment(env, token), logger }, (reason, hasAnswered) => {
        if (places.get(key) !== place) {
          return;
        }
        places.delete(key);
        const pause = hasAnswered ? 0 : Math.min(LONGEST_PAUSE, 2 * (pauses.get(key) ?? SHORTEST_PAUSE / 2));
        if (pause > 0) {
          pauses.set(key, pause, clock() + 2 * LONGEST_PAUSE);
          pausedUntil.set(key, clock() + pause, clock() + pause);
        }
        const again = pause > 0 ? ` It is started again in ${pause} s at the earliest` : "";
        logger.warn({ event: "upstream-ended" }, `The command of a user has ended: ${reason}.${again}`);
      }),
    };
    return place;
  }

  const pausedUntil = new BoundedMap<number>({ capacity: 1000, whenFull: "evict unused", clock });

  return {
    find(token) {
      const place = places.get(userKey(token));
      if (place !== undefined) {
        place.usedAt = clock();
      }
      return place?.peer;
    },
    enter(token) {
      const key = userKey(token);
      const known = places.get(key);
      if (known === undefined) {
        const rest = (pausedUntil.get(key) ?? 0) - clock();
        if (rest > 0) {
          const text = "The command ended before it was of use, and is left alone for a moment.";
          throw new UpstreamFault("unreachable", text, { status: 503, retryAfter: Math.ceil(rest) });
        }
        makeRoom(token?.subject ?? "");
      }
      const place = known ?? start(key, token);
      place.usedAt = clock();
      places.delete(key);
      places.set(key, place);
      return place.peer;
    },
    close() {
      clearInterval(sweep);
      for (const key of [...places.keys()]) {
        drop(key);
      }
    },
  };
}
