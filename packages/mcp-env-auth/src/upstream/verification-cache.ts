import { BoundedMap } from "../lib/bounded-map.ts";
import { MAX_NETWORKS, networkOf } from "../lib/client-network.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256Base64url } from "../lib/secrets.ts";
import { createWindowCounts } from "../lib/window-counts.ts";
import { createLookUpTurns, TooManyLookUps } from "./look-up-turns.ts";
import {
  UpstreamTokenError,
  type UpstreamTokenFault,
  type UpstreamTokenVerifier,
  type VerifiedUpstreamToken,
} from "./upstream-token.ts";

const MAX_ENTRIES = 5000;

/** Seconds for which a refusal is remembered, and how many are. */
const REFUSAL_TTL = 5;
const MAX_REFUSALS = 10_000;

/** Seconds in which refusals are counted. */
const REFUSALS_WINDOW = 60;

/** Look-ups under way: of tokens that were good before, and of those that nobody has seen yet. */
const OF_USERS = { atOnce: 64, forOne: 32 };
const OF_STRANGERS = { atOnce: 32, forOne: 8 };

export interface VerificationCacheOptions {
  /** Seconds that a verdict is kept: how long a revoked token still works. */
  readonly ttl: number;
  readonly clock: Clock;
  /** Default 5000. */
  readonly maxEntries?: number;
  /** How many tokens from one address may be refused in a minute; 0, the default: any number. */
  readonly refusalsPerMinute?: number | undefined;
}

interface Refusal {
  readonly fault: UpstreamTokenFault;
  readonly message: string;
}

/**
 * Remembers for a short time that a token is good, so that a busy session does not cost a look-up per request, and for
 * a few seconds that one is not. Requests with one token that come together share one look-up. An outage of the
 * provider is never remembered.
 *
 * Anybody can make up tokens. So look-ups of tokens that were good before have turns of their own, and an address from
 * which too many tokens were refused gets no look-ups of new ones for the rest of the minute.
 */
export function cacheVerification(
  verifier: UpstreamTokenVerifier,
  { ttl, clock, maxEntries = MAX_ENTRIES, refusalsPerMinute = 0 }: VerificationCacheOptions,
): UpstreamTokenVerifier {
  const known = new BoundedMap<VerifiedUpstreamToken>({ capacity: maxEntries, whenFull: "evict unused", clock });
  const wasGood = new BoundedMap<true>({ capacity: maxEntries, whenFull: "evict unused", clock });
  const refusals = new BoundedMap<Refusal>({ capacity: MAX_REFUSALS, whenFull: "evict", clock });
  const refusalsFrom = createWindowCounts({ seconds: REFUSALS_WINDOW, capacity: MAX_NETWORKS, clock });
  const underWay = new Map<string, Promise<VerifiedUpstreamToken>>();
  const turnOfUser = createLookUpTurns({ ...OF_USERS, clock });
  const turnOfStranger = createLookUpTurns({ ...OF_STRANGERS, clock });

  async function lookUp(key: string, token: string): Promise<VerifiedUpstreamToken> {
    const verified = await verifier.verify(token);
    known.set(key, verified, Math.min(clock() + ttl, verified.expiresAt));
    wasGood.set(key, true, verified.expiresAt);
    return verified;
  }

  async function lookUpForStranger(key: string, token: string, network: string): Promise<VerifiedUpstreamToken> {
    requireFewRefusals(network);
    return turnOfStranger(network, async () => {
      // Others may have been refused while it waited.
      requireFewRefusals(network);
      try {
        return await lookUp(key, token);
      } catch (error) {
        if (error instanceof UpstreamTokenError) {
          refusalsFrom.add(network);
        }
        throw error;
      }
    });
  }

  function requireFewRefusals(network: string): void {
    if (refusalsPerMinute > 0 && refusalsFrom.of(network) >= refusalsPerMinute) {
      throw new TooManyLookUps("address", Math.max(1, Math.ceil(refusalsFrom.timeLeft(network))));
    }
  }

  async function verify(key: string, token: string, from: (() => string) | undefined): Promise<VerifiedUpstreamToken> {
    const network = networkOf(from?.() ?? "");
    try {
      return from === undefined || wasGood.get(key)
        ? await turnOfUser(network, () => lookUp(key, token))
        : await lookUpForStranger(key, token, network);
    } catch (error) {
      if (error instanceof UpstreamTokenError) {
        const { fault, message } = error;
        refusals.set(key, { fault, message }, clock() + REFUSAL_TTL);
      }
      throw error;
    }
  }

  return {
    async verify(token, _login, from) {
      const key = sha256Base64url(token);
      const verified = known.get(key);
      if (verified !== undefined) {
        return verified;
      }
      const refusal = refusals.get(key);
      if (refusal !== undefined) {
        throw new UpstreamTokenError(refusal.fault, refusal.message);
      }
      const started = underWay.get(key) ?? verify(key, token, from).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
  };
}
