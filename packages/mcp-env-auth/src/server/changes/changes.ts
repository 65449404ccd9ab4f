import type { ServerEvent } from "@modelcontextprotocol/server";
import type { AccessToken } from "../../access-token.ts";

/**
 * To whom a change matters. Asked once for each subscriber, with the token of the subscription, at once and in the
 * context of who notifies: there, `getAccessToken()` is still the token of the request that made the change. Only
 * `true` lets the notification through.
 */
export type Recipients = "everyone" | ((subscriber: AccessToken) => boolean);

/** A change, and whom its author means it for. */
export interface Change {
  readonly event: ServerEvent;
  readonly to: Recipients;
}

/** The changes of one server in this process, from who makes them to who is subscribed. */
export class Changes {
  readonly #listeners = new Set<(change: Change) => void>();

  publish(event: ServerEvent, to: Recipients): void {
    for (const listener of [...this.#listeners]) {
      listener({ event, to });
    }
  }

  /** Returns what ends it. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
