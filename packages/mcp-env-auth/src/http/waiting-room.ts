import type { ServerResponse } from "node:http";
import { OAuthError } from "../errors.ts";

const RETRY_AFTER_SECONDS = 1;

/**
 * Settles when `loading` has, or earlier when the client of `response` has left.
 *
 * @throws OAuthError when as many wait as may.
 */
export type WaitingRoom = (loading: Promise<unknown>, response: ServerResponse) => Promise<void>;

/**
 * Where requests wait for the one thing that a server which has just started is still loading. Each holds its
 * connection, and up to a hundred kilobytes of a body that nobody reads yet. Of those whose clients have left, nothing
 * is kept.
 *
 * @param places default 500.
 */
export function createWaitingRoom(places = 500): WaitingRoom {
  const waiting = new Set<() => void>();
  let isWatched = false;
  const endAll = () => {
    isWatched = false;
    for (const end of [...waiting]) {
      end();
    }
  };
  return async (loading, response) => {
    if (waiting.size >= places) {
      const description = "The server is starting, and too many requests wait for it. Try again in a moment.";
      throw new OAuthError("temporarily_unavailable", description, { retryAfter: RETRY_AFTER_SECONDS });
    }
    // Once for all who wait: what is added to a promise stays there until it settles, also of those who left.
    if (!isWatched) {
      loading.then(endAll, endAll);
    }
    isWatched = true;
    await new Promise<void>((resolve) => {
      const end = () => {
        waiting.delete(end);
        response.off("close", end);
        resolve();
      };
      waiting.add(end);
      response.once("close", end);
    });
  };
}
