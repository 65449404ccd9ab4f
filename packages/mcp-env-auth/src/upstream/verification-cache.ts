import { createHash } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import { ExpiringCache } from "../lib/expiring-cache.ts";
import type { UpstreamTokenVerifier, VerifiedUpstreamToken } from "./upstream-token.ts";

const MAX_ENTRIES = 5000;

export interface VerificationCacheOptions {
  /** Seconds that a verdict is kept: how long a revoked token still works. */
  readonly ttl: number;
  readonly clock: Clock;
  /** Default 5000. */
  readonly maxEntries?: number;
}

/**
 * Remembers for a short time that a token is good, so that a busy session does not cost a look-up per request. Refusals
 * are not kept: a made-up token could fill the cache with them. Requests with one token that come together share one
 * look-up.
 */
export function cacheVerification(
  verifier: UpstreamTokenVerifier,
  { ttl, clock, maxEntries = MAX_ENTRIES }: VerificationCacheOptions,
): UpstreamTokenVerifier {
  const known = new ExpiringCache<VerifiedUpstreamToken>(maxEntries, clock);
  const underWay = new Map<string, Promise<VerifiedUpstreamToken>>();

  async function verify(key: string, token: string): Promise<VerifiedUpstreamToken> {
    const verified = await verifier.verify(token);
    known.set(key, verified, Math.min(clock() + ttl, verified.expiresAt));
    return verified;
  }

  return {
    verify(token) {
      const key = createHash("sha256").update(token).digest("base64url");
      const verified = known.get(key);
      if (verified !== undefined) {
        return Promise.resolve(verified);
      }
      const started = underWay.get(key) ?? verify(key, token).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
  };
}
