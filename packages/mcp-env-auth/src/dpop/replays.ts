import { OAuthError } from "../errors.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import { type GuardStore, GuardStoreUnavailable } from "../store/guard-store.ts";

/** How many proofs a process remembers by itself: those of an outage of the store, and as many of the last others. */
const CAPACITY = 20_000;

/** Which proofs were used. */
export interface ProofReplays {
  /**
   * Takes a proof for `ttl` seconds.
   *
   * @throws OAuthError `invalid_dpop_proof` when it was taken; `temporarily_unavailable` when that can't be told.
   */
  claim(id: string, ttl: number): Promise<void>;
}

/**
 * Remembers proofs in the guard store. While that can't answer, in this process: calls with good tokens go on, and a
 * proof counts once at each replica rather than once at all. So what this process has taken counts no more here when
 * the store goes or comes back: a claim that failed may be taken for a first one then.
 */
export function createProofReplays(store: GuardStore, clock: Clock): ProofReplays {
  const own = new BoundedMap<true>({ capacity: CAPACITY, whenFull: "refuse", clock });
  const latest = new BoundedMap<true>({ capacity: CAPACITY, whenFull: "evict", clock });

  async function claimInStore(id: string, ttl: number): Promise<boolean> {
    if (own.has(id) || latest.has(id)) {
      return false;
    }
    const isFirst = await store.claim("proof", id, ttl);
    latest.set(id, true, clock() + ttl);
    return isFirst && !own.has(id);
  }

  function claimHere(id: string, ttl: number, cause: unknown): boolean {
    if (own.has(id)) {
      return false;
    }
    if (own.set(id, true, clock() + ttl)) {
      return true;
    }
    throw new OAuthError("temporarily_unavailable", "The server can't remember more DPoP proofs now. Try again.", {
      retryAfter: 1,
      cause,
    });
  }

  return {
    async claim(id, ttl) {
      let isFirst: boolean;
      try {
        isFirst = await claimInStore(id, ttl);
      } catch (error) {
        if (!(error instanceof GuardStoreUnavailable)) {
          throw error;
        }
        isFirst = claimHere(id, ttl, error);
      }
      if (!isFirst) {
        const advice = "It was used before: sign a new one, with a new jti, for each request.";
        throw new OAuthError("invalid_dpop_proof", `The DPoP proof can't be accepted. ${advice}`);
      }
    },
  };
}
