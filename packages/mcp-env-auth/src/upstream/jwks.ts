import type { JWK } from "jose";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import { fetchDocument, parseJsonObject } from "./provider-http.ts";
import { displayUrl } from "./provider-url.ts";
import { type KeySet, keySet, selectKeys } from "./select-keys.ts";
import { UpstreamError } from "./upstream-client.ts";
import type { VerificationKeys } from "./verification-keys.ts";

const UNKNOWN_KEY_COOLDOWN = 30;
const FAILURE_COOLDOWN = 1;
const MAX_AGE = 600;

export interface RemoteKeysOptions {
  /** `jwks_uri` of the provider (RFC 7517 section 5). */
  readonly jwksUri: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds for a fetch. Default 10. */
  readonly timeout?: number | undefined;
}

/**
 * The provider's public keys, fetched when first needed.
 *
 * - A `kid` that is not among them fetches again, at most every 30 s.
 * - After 10 minutes they are fetched again beside the request, which goes on with those known.
 * - The last good ones stay while the provider is out. A `kid` that is not among them is then no verdict but
 *   `unavailable`, as is any while no keys are known.
 * - Keys that can't be used (symmetric, private, damaged, of an unknown kind) are passed over.
 */
export function createRemoteKeys(options: RemoteKeysOptions): VerificationKeys {
  const { jwksUri, clock, logger } = options;
  let keys: KeySet | undefined;
  let fetching: Promise<void> | undefined;
  let failure: UpstreamError | undefined;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let missedAt = Number.NEGATIVE_INFINITY;

  async function load(): Promise<void> {
    triedAt = clock();
    try {
      const asked = clock();
      keys = await fetchKeys(jwksUri, options.timeout);
      // What was published while the answer was under way is not in it.
      fetchedAt = asked;
      failure = undefined;
    } catch (error) {
      failure = unavailable(jwksUri, error);
      logger.warn({ jwksUri }, keys === undefined ? failure.message : `${failure.message} The keys known so far stay.`);
    }
  }

  /** Never rejects: how it went is in `failure`. */
  function reload(): Promise<void> {
    fetching ??= load().finally(() => {
      fetching = undefined;
    });
    return fetching;
  }

  return {
    kind: "public",
    fetchedAt: () => fetchedAt,
    async find(query) {
      if (keys === undefined && (fetching !== undefined || clock() - triedAt >= FAILURE_COOLDOWN)) {
        await reload();
      }
      if (keys === undefined) {
        throw failure ?? unavailable(jwksUri, undefined);
      }
      if (clock() - fetchedAt >= MAX_AGE && clock() - triedAt >= UNKNOWN_KEY_COOLDOWN) {
        void reload();
      }
      const known = await selectKeys(keys, query);
      if (known.length > 0) {
        return known;
      }
      if (fetching !== undefined || clock() - missedAt >= UNKNOWN_KEY_COOLDOWN) {
        missedAt = clock();
        await reload();
      }
      const found = await selectKeys(keys, query);
      if (found.length === 0 && failure !== undefined) {
        throw failure;
      }
      return found;
    },
  };
}

async function fetchKeys(jwksUri: string, timeout: number | undefined): Promise<KeySet> {
  const { status, body } = await fetchDocument(jwksUri, timeout);
  if (status !== 200) {
    throw new UpstreamError("unavailable", `${displayUrl(jwksUri)} answered ${status}.`);
  }
  const list: unknown = parseJsonObject(body)?.keys;
  const usable = Array.isArray(list) ? list.filter(isUsable) : [];
  if (usable.length === 0) {
    throw new UpstreamError("unavailable", `${displayUrl(jwksUri)} answered without a key that can be used.`);
  }
  return keySet(usable);
}

function isUsable(value: unknown): value is JWK {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { kty, d } = value as JWK;
  return (kty === "RSA" || kty === "EC" || kty === "OKP") && d === undefined;
}

function unavailable(jwksUri: string, error: unknown): UpstreamError {
  const reason = error instanceof UpstreamError ? error.message : `${displayUrl(jwksUri)} can't be read.`;
  return new UpstreamError("unavailable", `The identity provider's keys can't be fetched: ${reason}`);
}
