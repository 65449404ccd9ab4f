import { createHash } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { UpstreamTokenVerifier, VerifiedUpstreamToken } from "./upstream-token.ts";

const MAX_ENTRIES = 5000;

export interface VerificationCacheOptions {
  /** Seconds that a verdict is kept: how long a revoked token still works. */
  readonly ttl: number;
  readonly clock: Clock;
  /** Default 5000. */
  readonly maxEntries?: number;
}

interface Entry {
  readonly until: number;
  readonly verified: VerifiedUpstreamToken;
}

/**
 * Remembers for a short time that a token is good, so that a busy session does not cost a look-up
 * per request. Refusals are not kept: a made-up token could fill the cache with them. Requests
 * with one token that come together share one look-up.
 */
export function cacheVerification(
  verifier: UpstreamTokenVerifier,
  { ttl, clock, maxEntries = MAX_ENTRIES }: VerificationCacheOptions,
): UpstreamTokenVerifier {
  const entries = new Map<string, Entry>();
  const underWay = new Map<string, Promise<VerifiedUpstreamToken>>();

  async function verify(key: string, token: string): Promise<VerifiedUpstreamToken> {
    const verified = await verifier.verify(token);
    makeRoom(entries, clock(), maxEntries);
    entries.set(key, { verified, until: Math.min(clock() + ttl, verified.expiresAt) });
    return verified;
  }

  return {
    verify(token) {
      const key = createHash("sha256").update(token).digest("base64url");
      const known = entries.get(key);
      if (known !== undefined && known.until > clock()) {
        return Promise.resolve(known.verified);
      }
      entries.delete(key);
      const started = underWay.get(key) ?? verify(key, token).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
  };
}

/** Insertion order is close to the order of expiry: what has ended is at the front. */
function makeRoom(entries: Map<string, Entry>, now: number, maxEntries: number): void {
  for (const [key, { until }] of entries) {
    if (until > now && entries.size < maxEntries) {
      return;
    }
    entries.delete(key);
  }
}
