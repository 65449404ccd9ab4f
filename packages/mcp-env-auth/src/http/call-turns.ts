import type { ServerResponse } from "node:http";
import { getHeapStatistics } from "node:v8";
import { OAuthError, TOO_MANY_REQUESTS } from "../errors.ts";

/** Calls of one user that may be under way at once, unless the operator says otherwise. */
export const DEFAULT_CALLS_PER_USER = 32;

/** Calls of one user that may wait: as many as may while the server starts, and more than any agent sends at once. */
export const MAX_WAITING_CALLS = 512;

/**
 * How long a call may wait: less than clients do. It also ends what would wait forever, such as a tool that calls its
 * own server as its user, when all places are taken by calls of that tool.
 */
const PATIENCE_MS = 30_000;

/** What of one user's answers may be unread, as a part of the heap, before their next calls wait. */
const UNREAD_SHARE = 1 / 32;

/** How often those are looked at again that wait for answers to be read. */
const RECHECK_MS = 500;

/** How long work counts that goes on for a client that has gone: what never ends must not hold a place forever. */
const ABANDONED_MS = 60_000;

/** What of one user may go on after that, uncounted: of work that never ends, there would be more every minute. */
export const MAX_STRAYS = 512;

const RETRY_AFTER_SECONDS = 2;

/** Too many calls of one user: 429. */
export class TooManyCalls extends OAuthError {
  constructor(reason: string) {
    super("temporarily_unavailable", `${reason} Send it again once some of them have ended.`, {
      status: TOO_MANY_REQUESTS,
      retryAfter: RETRY_AFTER_SECONDS,
    });
  }
}

/** Nobody is there any more to be answered. */
export class CallAbandoned extends Error {
  override readonly name = "CallAbandoned";

  constructor() {
    super("The call was abandoned before its turn came.");
  }
}

/** The place of one request among those of its user. It is given back once the response is closed and its work ends. */
export interface CallTurn {
  /**
   * Does the work of one of the request's messages. The first has the request's own place; what comes meanwhile waits
   * for that place or for another of the user's. Passes on what `work` gives.
   *
   * @throws CallAbandoned when the message is cancelled before.
   */
  run<T>(work: () => T, signal: AbortSignal): Promise<Awaited<T>>;
}

/** Who may begin a call now. */
export interface CallTurns {
  /**
   * Takes the turn of a request with `calls` messages that are to be answered: at once, or after the user's other
   * calls.
   *
   * @param user who shares the places: a user, a machine, or, where nobody is known, an address.
   * @throws TooManyCalls when too many of the user's calls wait or go on uncounted, or this one has waited for 30 s.
   * @throws CallAbandoned when the client leaves before.
   */
  take(user: string, calls: number, response: ServerResponse): CallTurn | Promise<CallTurn>;
}

export interface CallTurnsOptions {
  /** Calls of one user that may be under way at once. */
  readonly limit: number;
  /** Calls of all users together; default any number. */
  readonly limitInAll?: number | undefined;
  /** Milliseconds that a call may wait; default 30 s. */
  readonly patience?: number;
  /** Bytes of one user's answers that may be unread when another call begins; default a thirty-second of the heap. */
  readonly unread?: number;
  /** Milliseconds for which work counts whose client has gone; default a minute. */
  readonly abandoned?: number;
}

/** The calls of one user. */
interface Line {
  /** Places that are taken. */
  underWay: number;
  /** Calls that were let in and are not over. */
  calls: number;
  /** What begins each call that waits, in the order that they came. Its place is taken before. */
  readonly waiting: Set<() => void>;
  /** Of requests that have a place. */
  readonly responses: Set<ServerResponse>;
}

/**
 * Bounds what the calls of one user cost at once. All others of that user wait in order. What has waited begins one at
 * a time between turns of the event loop, and users take turns at that.
 */
export function createCallTurns({
  limit,
  limitInAll = Number.POSITIVE_INFINITY,
  patience = PATIENCE_MS,
  unread = getHeapStatistics().heap_size_limit * UNREAD_SHARE,
  abandoned = ABANDONED_MS,
}: CallTurnsOptions): CallTurns {
  const lines = new Map<string, Line>();
  /** How much of each user's work goes on uncounted. */
  const strays = new Map<string, number>();
  let underWayInAll = 0;
  let isAdvancing = false;
  let isRechecking = false;

  function isFree({ underWay, responses }: Line): boolean {
    if (underWayInAll >= limitInAll) {
      return false;
    }
    // Whoever has nothing under way may begin, whatever waits to be read.
    return underWay === 0 || (underWay < limit && unreadBytes(responses) <= unread);
  }

  function takeNow(line: Line): boolean {
    if (line.waiting.size > 0 || !isFree(line)) {
      return false;
    }
    enter(line);
    return true;
  }

  function enter(line: Line): void {
    line.underWay += 1;
    underWayInAll += 1;
  }

  function wait(line: Line, begin: () => void): void {
    line.waiting.add(begin);
    advanceSoon();
  }

  function giveBack(line: Line): void {
    line.underWay -= 1;
    underWayInAll -= 1;
    if (line.waiting.size > 0 || underWayInAll + 1 === limitInAll) {
      advanceSoon();
    }
  }

  function advanceSoon(): void {
    if (!isAdvancing) {
      isAdvancing = true;
      setImmediate(advance);
    }
  }

  function advance(): void {
    isAdvancing = false;
    let isUnread = false;
    for (const [user, line] of lines) {
      const [begin] = line.waiting;
      if (begin === undefined) {
        continue;
      }
      if (!isFree(line)) {
        isUnread ||= line.underWay < limit && underWayInAll < limitInAll;
        continue;
      }
      line.waiting.delete(begin);
      enter(line);
      lines.delete(user);
      lines.set(user, line);
      begin();
      advanceSoon();
      return;
    }
    if (isUnread && !isRechecking) {
      isRechecking = true;
      setTimeout(() => {
        isRechecking = false;
        advanceSoon();
      }, RECHECK_MS).unref();
    }
  }

  function countStrays(user: string, change: number): void {
    const now = (strays.get(user) ?? 0) + change;
    if (now > 0) {
      strays.set(user, now);
    } else {
      strays.delete(user);
    }
  }

  return {
    take(user, calls, response) {
      if ((strays.get(user) ?? 0) >= MAX_STRAYS) {
        throw new TooManyCalls("Too many calls of this user or address go on after their clients have left.");
      }
      const line = lines.get(user) ?? { underWay: 0, calls: 0, waiting: new Set(), responses: new Set() };
      if (line.calls + calls > limit + MAX_WAITING_CALLS) {
        throw new TooManyCalls("Too many calls of this user or address wait to be served.");
      }
      lines.set(user, line);
      line.calls += calls;
      const leave = () => {
        line.calls -= calls;
        if (line.calls === 0) {
          lines.delete(user);
        }
      };
      const begin = () =>
        startTurn(user, line, response, () => {
          giveBack(line);
          leave();
        });
      if (takeNow(line)) {
        return begin();
      }
      return untilTurn(line, response).then(begin, (error: unknown) => {
        leave();
        throw error;
      });
    },
  };

  function untilTurn(line: Line, response: ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      // Nothing would tell that it has left the line.
      if (response.destroyed) {
        reject(new CallAbandoned());
        return;
      }
      const stopWaiting = () => {
        line.waiting.delete(begin);
        response.off("close", abandon);
        clearTimeout(timer);
      };
      const begin = () => {
        stopWaiting();
        resolve();
      };
      const abandon = () => {
        stopWaiting();
        reject(new CallAbandoned());
      };
      const timer = setTimeout(() => {
        stopWaiting();
        const waited = Math.round(patience / 1000);
        const reason = `Too many other calls are under way, and this one has waited ${waited} seconds for them.`;
        reject(new TooManyCalls(reason));
      }, patience);
      response.once("close", abandon);
      wait(line, begin);
    });
  }

  /** The turn of a request that has its place. */
  function startTurn(user: string, line: Line, response: ServerResponse, end: () => void): CallTurn {
    let isOwnPlaceUsed = false;
    let isClosed = false;
    let isOver = false;
    /** Gives up on work whose client has gone. */
    let timer: NodeJS.Timeout | undefined;
    /** What ends each message's work. */
    const working = new Set<() => boolean>();
    /** What begins messages that wait, by the request's own place. */
    const waiting = new Set<() => void>();

    line.responses.add(response);
    if (response.destroyed) {
      close();
    } else {
      response.once("close", close);
    }

    function close(): void {
      isClosed = true;
      line.responses.delete(response);
      if (working.size === 0) {
        finish();
        return;
      }
      timer = setTimeout(() => {
        countStrays(user, working.size);
        for (const done of working) {
          done();
        }
      }, abandoned).unref();
    }

    function finish(): void {
      if (!isOver && isClosed) {
        isOver = true;
        // It would keep the response for as long.
        clearTimeout(timer);
        end();
      }
    }

    /** Notes work that has a place. Returns what is to be called once it ends, and says whether it still counted. */
    function begun(leavePlace: () => void): () => boolean {
      const done = () => {
        if (!working.delete(done)) {
          return false;
        }
        leavePlace();
        if (working.size === 0) {
          finish();
        }
        return true;
      };
      working.add(done);
      return done;
    }

    function leaveOwnPlace(): void {
      if (waiting.size === 0) {
        isOwnPlaceUsed = false;
        return;
      }
      // Not at once: the messages of a long batch would hold everybody up for as long as they take together.
      setImmediate(() => {
        const [begin] = waiting;
        if (begin === undefined) {
          isOwnPlaceUsed = false;
        } else {
          begin();
        }
      });
    }

    function takePlace(signal: AbortSignal): (() => boolean) | Promise<() => boolean> {
      if (!isOwnPlaceUsed) {
        isOwnPlaceUsed = true;
        return begun(leaveOwnPlace);
      }
      if (takeNow(line)) {
        return begun(() => giveBack(line));
      }
      return new Promise((resolve, reject) => {
        const stopWaiting = () => {
          line.waiting.delete(inLine);
          waiting.delete(byOwnPlace);
          signal.removeEventListener("abort", abandon);
        };
        const inLine = () => {
          stopWaiting();
          resolve(begun(() => giveBack(line)));
        };
        const byOwnPlace = () => {
          stopWaiting();
          resolve(begun(leaveOwnPlace));
        };
        const abandon = () => {
          stopWaiting();
          reject(new CallAbandoned());
        };
        signal.addEventListener("abort", abandon);
        waiting.add(byOwnPlace);
        wait(line, inLine);
      });
    }

    return {
      async run<T>(work: () => T, signal: AbortSignal): Promise<Awaited<T>> {
        if (signal.aborted) {
          throw new CallAbandoned();
        }
        const entered = takePlace(signal);
        const done = entered instanceof Promise ? await entered : entered;
        try {
          return await work();
        } finally {
          if (!done()) {
            countStrays(user, -1);
          }
        }
      },
    };
  }
}

/** What was written for clients and has not gone out. */
function unreadBytes(responses: Iterable<ServerResponse>): number {
  let bytes = 0;
  for (const { writableLength } of responses) {
    bytes += writableLength;
  }
  return bytes;
}
