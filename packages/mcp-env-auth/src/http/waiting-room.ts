import { OAuthError } from "../errors.ts";

const RETRY_AFTER_SECONDS = 1;

/** Waits for `loading`. @throws OAuthError when as many wait as may. */
export type WaitingRoom = <T>(loading: Promise<T>) => Promise<T>;

/**
 * Where requests wait for what a server that has just started is still loading. Each holds its connection, and up to a
 * hundred kilobytes of a body that nobody reads yet.
 *
 * @param places default 500.
 */
export function createWaitingRoom(places = 500): WaitingRoom {
  let taken = 0;
  return async (loading) => {
    if (taken >= places) {
      const description = "The server is starting, and too many requests wait for it. Try again in a moment.";
      throw new OAuthError("temporarily_unavailable", description, { retryAfter: RETRY_AFTER_SECONDS });
    }
    taken += 1;
    try {
      return await loading;
    } finally {
      taken -= 1;
    }
  };
}
