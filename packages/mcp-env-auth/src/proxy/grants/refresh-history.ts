import type { OAuthProxyOptions } from "../options.ts";
import type { RefreshGrant } from "../tokens/sealed-tokens.ts";

/** Seconds in which a second use of a refresh token gets the first one's answer: clients retry, and race themselves. */
export const GRACE = 30;

/** What is known of a refresh token: not used yet, used within {@link GRACE} by the last refresh, or used before. */
export type PriorUse = "none" | "recent" | "earlier";

/**
 * Which refresh tokens were used: for each login the generation of the last one, since every refresh makes a token of
 * the next. So the store holds one entry for a session, however often it is refreshed.
 */
export interface RefreshHistory {
  /**
   * What is known of a token's use. Of a login that the store has not seen, nothing: any token is its first.
   *
   * @throws GuardStoreUnavailable also when a first use would find no room later.
   */
  priorUse(grant: RefreshGrant): Promise<PriorUse>;
  /** Remembers that a token was used now, and with it all before it. */
  record(grant: RefreshGrant): Promise<void>;
}

/** A history in the guard store. Its reader holds the lock of the login. */
export function createRefreshHistory({ store, clock }: OAuthProxyOptions): RefreshHistory {
  async function write(grant: RefreshGrant, generation: number): Promise<void> {
    const entry = JSON.stringify([generation, clock()]);
    await store.set("refresh", grant.family, entry, Math.ceil(grant.expiresAt - clock()));
  }

  return {
    async priorUse(grant) {
      const entry = await store.get("refresh", grant.family);
      if (entry === undefined) {
        await write(grant, grant.generation - 1);
        return "none";
      }
      const [lastUsed, usedAt] = JSON.parse(entry) as [number, number];
      if (grant.generation > lastUsed) {
        return "none";
      }
      return grant.generation === lastUsed && clock() - usedAt < GRACE ? "recent" : "earlier";
    },

    record: (grant) => write(grant, grant.generation),
  };
}
