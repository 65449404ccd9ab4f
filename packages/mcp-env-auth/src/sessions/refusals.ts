import { OAuthError } from "../errors.ts";
import { GuardStoreUnavailable } from "../store/guard-store.ts";

/**
 * There is no such session, or none of this caller's: 404, at which the client begins a new one. What is wrong with it
 * stays untold, since it may be somebody else's.
 */
export class SessionNotFound extends Error {
  override readonly name = "SessionNotFound";

  constructor() {
    super("Session not found. Send initialize without an Mcp-Session-Id to begin a new one.");
  }
}

/**
 * Nobody takes this answer: its tool has ended, another answer came first, or it is somebody else's question. Which of
 * them stays untold.
 */
export class UnwantedAnswer extends Error {
  override readonly name = "UnwantedAnswer";
}

/** The session has no stream on which a change could arrive. */
export class NoStream extends Error {
  override readonly name = "NoStream";

  /** @param more what else may be the reason, at the end of a sentence. */
  constructor(more = "") {
    super(
      `Method not found: this session has no stream for changes. Open one first, by GET with Accept: text/event-stream and the Mcp-Session-Id${more}.`,
    );
  }
}

/** A subscription that would bring no news, or is one too many. The message says what to do. */
export class SubscriptionRefused extends Error {
  override readonly name = "SubscriptionRefused";
}

const OUTAGE_RETRY_SECONDS = 1;

/** Does what needs the guard store. @throws OAuthError (503) while that can't do it. */
export async function unlessDown<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof GuardStoreUnavailable)) {
      throw cause;
    }
    const advice = "The server can't do this at the moment. Try again.";
    throw new OAuthError("temporarily_unavailable", advice, { cause, retryAfter: OUTAGE_RETRY_SECONDS });
  }
}
