import type { Endpoint } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";

const PROVIDER_RETRY_AFTER = 5;
const STORE_RETRY_AFTER = 1;

/** 503 with `Retry-After`: the provider can't do its part now. */
export function unavailable(description: string, cause?: unknown): OAuthError {
  return new OAuthError("temporarily_unavailable", description, { retryAfter: PROVIDER_RETRY_AFTER, cause });
}

/** Runs `work`, and rejects with 503 where the guard store can't say what was used or denied. */
export async function withStoreOutageAs503<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
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
