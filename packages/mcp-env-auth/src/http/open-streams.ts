import type { Clock } from "../lib/clock.ts";

/** The longest delay that a timer can hold: about 24 days. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** How long a stream may go on after its token was revoked. */
const RECHECK_MS = 10_000;

/** Enough for every client that a person has open, and far from all that a server has. */
const MAX_PER_OWNER = 16;

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
   * Calls `end` once the stream's token has expired or is no longer good, or all streams are to end. Returns what
   * forgets the stream, to be called when it has ended by itself, or `undefined` when the token's owner has as many
   * streams open as one may have.
   */
  add(end: () => void, token?: StreamToken): (() => void) | undefined;
  /** Ends all that are open, and from now on each new one. */
  endAll(): void;
}

/**
 * The open streams of one server. The clients open them again, with a token that is good, where the server still is.
 */
export function createOpenStreams(clock: Clock): OpenStreams {
  const open = new Set<() => void>();
  const counts = new Map<string, number>();
  let closing = false;
  return {
    add(end, token) {
      if (closing) {
        end();
        return () => {};
      }
      if (token !== undefined && !take(token.owner)) {
        return undefined;
      }
      const stopWatching = token === undefined ? () => {} : watch(token, () => finish());
      const forget = () => {
        if (!open.delete(finish)) {
          return;
        }
        stopWatching();
        if (token !== undefined) {
          giveBack(token.owner);
        }
      };
      const finish = () => {
        forget();
        end();
      };
      open.add(finish);
      return forget;
    },

    endAll() {
      closing = true;
      for (const finish of [...open]) {
        finish();
      }
    },
  };

  function take(owner: string): boolean {
    const count = counts.get(owner) ?? 0;
    if (count >= MAX_PER_OWNER) {
      return false;
    }
    counts.set(owner, count + 1);
    return true;
  }

  function giveBack(owner: string): void {
    const count = (counts.get(owner) ?? 1) - 1;
    if (count === 0) {
      counts.delete(owner);
    } else {
      counts.set(owner, count);
    }
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
