import { randomId } from "../../lib/secrets.ts";
import type { GuardStore } from "../../store/guard-store.ts";
import type { RefreshGrant } from "../tokens/sealed-tokens.ts";

/** Longer than all that a refresh may wait for: two calls of the provider, its keys, and the store. */
const LOCK_TTL = 60;

/** Holds the session of a refresh token while that is redeemed, over all replicas that share a store. */
export interface RefreshLock {
  /** Returns the ticket to release it by; `undefined` while somebody else holds it. */
  take(grant: RefreshGrant): Promise<string | undefined>;
  /** Whether a later refresh token of the session is being redeemed. */
  isHeldByLater(grant: RefreshGrant): Promise<boolean>;
  /** Gives it back, unless it has ended and somebody else has taken it. Never rejects: a lock ends in a minute. */
  release(grant: RefreshGrant, ticket: string): Promise<void>;
}

export function createRefreshLock(store: GuardStore): RefreshLock {
  return {
    async take({ family, generation }) {
      const ticket = `${generation}.${randomId()}`;
      return (await store.claim("lock", family, LOCK_TTL, ticket)) ? ticket : undefined;
    },

    async isHeldByLater({ family, generation }) {
      // Of a replica with an earlier version there is no number.
      const [, holder = "0"] = /^(\d+)\./.exec((await store.get("lock", family)) ?? "") ?? [];
      return Number(holder) > generation;
    },

    async release({ family }, ticket) {
      await store.release("lock", family, ticket).catch(() => undefined);
    },
  };
}
