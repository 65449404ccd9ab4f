import type { OAuthProxyOptions } from "../options.ts";
import type { RefreshGrant } from "../tokens/sealed-tokens.ts";

/** Seconds in which a second use of a refresh token gets the first one's answer: clients retry, and race themselves. */
export const GRACE = 30;

/**
 * What is known of a refresh token: not used yet; used within {@link GRACE} by the last refresh; or used before that,
 * or before its successor was.
 */
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
  /**
   * Remembers that a token was used now, and with it all before it. The answer that was kept for its predecessor is
   * gone then (RFC 9700 section 4.14.2).
   *
   * @param answerId what the answer to this use is kept under.
   */
  record(grant: RefreshGrant, answerId: string): Promise<void>;
}

interface LastUse {
  readonly generation: number;
  /** Seconds since the Unix epoch. */
  readonly usedAt: number;
  /** Absent in entries of earlier versions. */
  readonly answerId?: string | undefined;
}

/** A history in the guard store. Its reader holds the lock of the login. */
export function createRefreshHistory({ store, clock }: OAuthProxyOptions): RefreshHistory {
  async function read({ family }: RefreshGrant): Promise<LastUse | undefined> {
    const entry = await store.get("refresh", family);
    if (entry === undefined) {
      return undefined;
    }
    const [generation, usedAt, answerId] = JSON.parse(entry) as [number, number, string?];
    return { generation, usedAt, answerId };
  }

  async function write(grant: RefreshGrant, generation: number, answerId?: string): Promise<void> {
    const entry = JSON.stringify([generation, clock(), ...(answerId === undefined ? [] : [answerId])]);
    await store.set("refresh", grant.family, entry, Math.ceil(grant.expiresAt - clock()), grant.subjectHash);
  }

  const isRecent = ({ usedAt }: LastUse) => clock() - usedAt < GRACE;

  return {
    async priorUse(grant) {
      const last = await read(grant);
      if (last === undefined) {
        await write(grant, grant.generation - 1);
        return "none";
      }
      if (grant.generation > last.generation) {
        return "none";
      }
      return grant.generation === last.generation && isRecent(last) ? "recent" : "earlier";
    },

    async record(grant, answerId) {
      const before = await read(grant);
      await write(grant, grant.generation, answerId);
      if (before?.answerId !== undefined && isRecent(before)) {
        // Nobody gets it any more, and it ends by itself.
        await store.release("answer", before.answerId).catch(() => undefined);
      }
    },
  };
}
