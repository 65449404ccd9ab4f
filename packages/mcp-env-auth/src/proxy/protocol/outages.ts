import type { Endpoint } from "../../endpoint.ts";
import { OAuthError, type OAuthErrorOptions, TOO_MANY_REQUESTS } from "../../errors.ts";
import { GuardShareUsedUp, GuardStoreUnavailable } from "../../store/guard-store.ts";

const PROVIDER_RETRY_AFTER = 5;
const STORE_RETRY_AFTER = 1;
const SHARE_RETRY_AFTER = 60;

/** 503 with `Retry-After`: the provider can't do its part now. */
export function unavailable(
  description: string,
  cause?: unknown,
  options: Pick<OAuthErrorOptions, "isCallersDoing"> = {},
): OAuthError {
  return new OAuthError("temporarily_unavailable", description, {
    retryAfter: PROVIDER_RETRY_AFTER,
    cause,
    ...options,
  });
}

/** Runs `work`, and rejects with 503 where the guard store can't say what was used or denied. */
export async function withStoreOutageAs503<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GuardShareUsedUp) {
      const description = "The server remembers as much of this user or address as it can. Try again later.";
      const options = { status: TOO_MANY_REQUESTS, retryAfter: SHARE_RETRY_AFTER, isCallersDoing: true, cause: error };
      throw new OAuthError("temporarily_unavailable", description, options);
    }
    if (error instanceof GuardStoreUnavailable) {
      const description = "The server can't check its records right now. Try again in a moment.";
      throw new OAuthError("temporarily_unavailable", description, { retryAfter: STORE_RETRY_AFTER, cause: error });
    }
    throw error;
  }
}

/** A handler whose guard store outages are answered with 503. */
export function answeringStoreOutages(handle: Endpoint["handle"]): Endpoint["handle"] {
  return (request) => withStoreOutageAs503(() => handle(request));
}
