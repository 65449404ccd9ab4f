import type { Clock } from "../clock.ts";

/** The longest delay that a timer can hold: about 24 days. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Streams that last until somebody ends them, such as those of `subscriptions/listen`. */
export interface OpenStreams {
  /**
   * Calls `end` once the stream's token has expired (seconds since the Unix epoch) or all streams are to end.
   * Returns what forgets the stream, to be called when it has ended by itself.
   */
  add(end: () => void, tokenExpiresAt?: number): () => void;
  /** Ends all that are open, and from now on each new one. */
  endAll(): void;
}

/** The open streams of one server. The clients open them again, with a token that is good, where the server still is. */
export function createOpenStreams(clock: Clock): OpenStreams {
  const open = new Set<() => void>();
  let closing = false;
  return {
    add(end, tokenExpiresAt) {
      if (closing) {
        end();
        return () => {};
      }
      const forget = () => {
        clearTimeout(timer);
        open.delete(finish);
      };
      const finish = () => {
        forget();
        end();
      };
      const timer = tokenExpiresAt === undefined ? undefined : setTimeout(finish, delayUntil(tokenExpiresAt));
      open.add(finish);
      return forget;
    },

    endAll() {
      closing = true;
      for (const finish of [...open]) finish();
    },
  };

  function delayUntil(time: number): number {
    return Math.min(MAX_DELAY_MS, Math.max(0, (time - clock()) * 1000));
  }
}
