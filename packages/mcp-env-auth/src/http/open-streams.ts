import { OAuthError } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";

/** The longest delay that a timer can hold: about 24 days. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** How long a stream may go on after its token was revoked. */
const RECHECK_MS = 10_000;

/** Enough for every client that a person has open. */
const MAX_PER_OWNER = 16;

const RETRY_AFTER_SECONDS = 10;

const LOG_INTERVAL_SECONDS = 60;

/** Whose stream it is, and how long it may last. */
export interface StreamToken {
  /** The token's subject: each has a limited number of streams. */
  readonly owner: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** Whether the token is still good: false once it was revoked. Asked every 10 s. */
  isGood(): Promise<boolean>;
}

/** Streams that last until somebody ends them, such as those of `subscriptions/listen`. */
export interface OpenStreams {
  /**
   * Calls `end` once the stream's token has expired or is no longer good, all streams are to end, or another user with
   * fewer streams needs the place. Returns what forgets the stream, to be called when it has ended by itself.
   *
   * @throws OAuthError when the token's owner has as many streams open as one may have (429), or all places are taken
   * (503).
   */
  add(end: () => void, token?: StreamToken): () => void;
  /** Ends all that are open, and from now on each new one. */
  endAll(): void;
}

export interface OpenStreamsOptions {
  /** The most streams at once. */
  readonly limit: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The open streams of one server. The clients open them again, with a token that is good, where the server still is.
 *
 * When all places are taken, a user gets one from the user with the most streams, as long as that one still has as many
 * afterwards. So places are refused only to those who have their share already.
 */
export function createOpenStreams({ limit, clock, logger }: OpenStreamsOptions): OpenStreams {
  const open = new Set<() => void>();
  /** The streams of each owner, the oldest first. */
  const owners = new Map<string, Set<() => void>>();
  let closing = false;
  let quietUntil = 0;
  return {
    add(end, token) {
      if (closing) {
        end();
        return () => {};
      }
      makeRoom(token?.owner);
      const stopWatching = token === undefined ? () => {} : watch(token, () => finish());
      const forget = () => {
        if (!open.delete(finish)) {
          return;
        }
        stopWatching();
        if (token !== undefined) {
          remove(token.owner, finish);
        }
      };
      const finish = () => {
        forget();
        end();
      };
      open.add(finish);
      if (token !== undefined) {
        streamsOf(token.owner).add(finish);
      }
      return forget;
    },

    endAll() {
      closing = true;
      for (const finish of [...open]) {
        finish();
      }
    },
  };

  function streamsOf(owner: string): Set<() => void> {
    const streams = owners.get(owner) ?? new Set();
    owners.set(owner, streams);
    return streams;
  }

  function remove(owner: string, finish: () => void): void {
    const streams = streamsOf(owner);
    streams.delete(finish);
    if (streams.size === 0) {
      owners.delete(owner);
    }
  }

  function makeRoom(owner: string | undefined): void {
    const own = owner === undefined ? 0 : (owners.get(owner)?.size ?? 0);
    if (own >= MAX_PER_OWNER) {
      const advice = `This user has ${MAX_PER_OWNER} subscriptions open, and more are not allowed. Close one first.`;
      throw new OAuthError("temporarily_unavailable", advice, { status: 429, retryAfter: RETRY_AFTER_SECONDS });
    }
    if (open.size < limit) {
      return;
    }
    logFull();
    const [oldest] = owner === undefined ? [] : largestOf(owners.values(), own + 2);
    if (oldest === undefined) {
      const advice = "All subscriptions that the server allows are open. Try again later.";
      throw new OAuthError("temporarily_unavailable", advice, { retryAfter: RETRY_AFTER_SECONDS });
    }
    oldest();
  }

  /** Whoever is refused may come again at once: one line a minute says it. */
  function logFull(): void {
    if (clock() < quietUntil) {
      return;
    }
    quietUntil = clock() + LOG_INTERVAL_SECONDS;
    logger.warn(
      { event: "subscriptions-full", limit, users: owners.size },
      `All ${limit} subscriptions that one process may have are open. Users with most of them lose some to users with fewer; other new ones get 503. Set FASTMCP_MAX_SUBSCRIPTIONS to allow more, or run more replicas.`,
    );
  }

  function watch(token: StreamToken, finish: () => void): () => void {
    const delay = Math.min(MAX_DELAY_MS, Math.max(0, (token.expiresAt - clock()) * 1000));
    const expiry = setTimeout(finish, delay);
    const recheck = setInterval(async () => {
      if (!(await token.isGood())) {
        finish();
      }
    }, RECHECK_MS);
    return () => {
      clearTimeout(expiry);
      clearInterval(recheck);
    };
  }
}

/** The largest of `sets` with at least `minimum` members; else an empty one. */
function largestOf<T>(sets: Iterable<ReadonlySet<T>>, minimum: number): ReadonlySet<T> {
  let largest: ReadonlySet<T> = new Set();
  for (const set of sets) {
    if (set.size >= minimum && set.size > largest.size) {
      largest = set;
    }
  }
  return largest;
}
