import { OAuthError, TOO_MANY_REQUESTS } from "../errors.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import { CLOCK_TOLERANCE, type Clock, REPLICA_SKEW } from "../lib/clock.ts";
import { createShares, type Shares } from "../lib/shares.ts";
import { type GuardStore, GuardStoreUnavailable } from "../store/guard-store.ts";

/** How many proofs a process remembers by itself: those of an outage of the store, and as many of the last others. */
const CAPACITY = 20_000;

/** Of these, and of those in a guard store in memory, how many one key or user may have: a tenth. */
const SHARE_HERE = CAPACITY / 10;
const SHARE_IN_STORE = 10_000;

/** Seconds: how old a proof may be, apart from the difference of clocks. */
export const MAX_PROOF_AGE = 60;

/** Seconds for which a proof is remembered at most. */
const MAX_PROOF_TTL = MAX_PROOF_AGE + 2 * CLOCK_TOLERANCE + REPLICA_SKEW;

/** Which proofs were used. */
export interface ProofReplays {
  /**
   * Takes a proof for `ttl` seconds.
   *
   * @param key the thumbprint of the key that signed it.
   * @param subject the user, or its hash, where that is known. Each key and each user has a share, so that none fills
   * the store for others.
   * @throws OAuthError `invalid_dpop_proof` when it was taken; `temporarily_unavailable` when that can't be told, and
   * with status 429 when the key, or the user, has used up its share.
   */
  claim(id: string, ttl: number, key?: string, subject?: string): Promise<void>;
}

/**
 * Remembers proofs in the guard store. While that can't answer, in this process: calls with good tokens go on, and a
 * proof counts once at each replica rather than once at all. So what this process has taken counts no more here when
 * the store goes or comes back: a claim that failed may be taken for a first one then.
 */
export function createProofReplays(store: GuardStore, clock: Clock): ProofReplays {
  const own = new BoundedMap<true>({ capacity: CAPACITY, whenFull: "refuse", clock });
  const latest = new BoundedMap<true>({ capacity: CAPACITY, whenFull: "evict", clock });
  const inStore = createShares({ limit: SHARE_IN_STORE, seconds: MAX_PROOF_TTL, clock });
  const here = createShares({ limit: SHARE_HERE, seconds: MAX_PROOF_TTL, clock });

  async function claimInStore(id: string, ttl: number, owners: readonly string[]): Promise<boolean> {
    if (latest.has(id)) {
      return false;
    }
    requireShare(inStore, owners);
    const isFirst = await store.claim("proof", id, ttl);
    if (isFirst) {
      owners.forEach(inStore.take);
    }
    latest.set(id, true, clock() + ttl);
    // Here and not before: another request may have been taken here while this one waited for the store.
    return isFirst && !own.has(id);
  }

  function claimHere(id: string, ttl: number, owners: readonly string[], cause: unknown): boolean {
    if (own.has(id)) {
      return false;
    }
    requireShare(here, owners);
    if (own.set(id, true, clock() + ttl)) {
      owners.forEach(here.take);
      return true;
    }
    throw new OAuthError("temporarily_unavailable", "The server can't remember more DPoP proofs now. Try again.", {
      retryAfter: 1,
      cause,
    });
  }

  return {
    async claim(id, ttl, key, subject) {
      const owners = ownersOf(key, subject);
      let isFirst: boolean;
      try {
        isFirst = await claimInStore(id, ttl, owners);
      } catch (error) {
        if (!(error instanceof GuardStoreUnavailable)) {
          throw error;
        }
        isFirst = claimHere(id, ttl, owners, error);
      }
      if (!isFirst) {
        const advice = "It was used before: sign a new one, with a new jti, for each request.";
        throw new OAuthError("invalid_dpop_proof", `The DPoP proof can't be accepted. ${advice}`);
      }
    },
  };
}

/** A user and a key of one name stay apart. */
function ownersOf(key: string | undefined, subject: string | undefined): readonly string[] {
  return [...(key === undefined ? [] : [`key ${key}`]), ...(subject === undefined ? [] : [`user ${subject}`])];
}

function requireShare(shares: Shares, owners: readonly string[]): void {
  if (owners.some(shares.isUsedUp)) {
    throw new OAuthError(
      "temporarily_unavailable",
      "This key, or its user, has used too many DPoP proofs. Try again later.",
      {
        status: TOO_MANY_REQUESTS,
        retryAfter: MAX_PROOF_TTL / 10,
      },
    );
  }
}

const known = new WeakMap<GuardStore, ProofReplays>();

/** Returns the one for a store, so that what a key or user has taken counts at every endpoint. */
export function proofReplaysOf(store: GuardStore, clock: Clock): ProofReplays {
  const replays = known.get(store) ?? createProofReplays(store, clock);
  known.set(store, replays);
  return replays;
}
