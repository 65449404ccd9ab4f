import { type CryptoKey, createLocalJWKSet, errors, type JWK } from "jose";
import type { KeyQuery } from "./verification-keys.ts";

type Finder = ReturnType<typeof createLocalJWKSet>;

/** Published keys (RFC 7517 section 5). */
export interface KeySet {
  readonly all: Finder;
  /** Those without a `kid`: absent where every key has one. */
  readonly unnamed?: Finder;
}

export function keySet(keys: readonly JWK[]): KeySet {
  const unnamed = keys.filter(({ kid }) => kid === undefined);
  return {
    all: createLocalJWKSet({ keys: [...keys] }),
    ...(unnamed.length > 0 && { unnamed: createLocalJWKSet({ keys: unnamed }) }),
  };
}

/**
 * Two names of one algorithm (RFC 8037 section 3.1, RFC 9864 section 2.2): a key may have one, its tokens the other.
 */
const SYNONYMS: Readonly<Record<string, string>> = { EdDSA: "Ed25519", Ed25519: "EdDSA" };

/**
 * Every key of a set that fits `query` and can be imported, or the first `most` of them. A key without `kid` fits any:
 * its issuer names none.
 */
export async function selectKeys(
  set: KeySet,
  { alg, kid }: KeyQuery,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly CryptoKey[]> {
  for (const name of [alg, SYNONYMS[alg]]) {
    if (name === undefined) {
      continue;
    }
    const found = await find(set.all, kid === undefined ? { alg: name } : { alg: name, kid }, most);
    if (found.length > 0) {
      return found;
    }
    const unnamed = kid === undefined || set.unnamed === undefined ? [] : await find(set.unnamed, { alg: name }, most);
    if (unnamed.length > 0) {
      return unnamed;
    }
  }
  return [];
}

async function find(
  keys: Finder,
  header: { readonly alg: string; readonly kid?: string },
  most: number,
): Promise<CryptoKey[]> {
  try {
    return [await keys(header)];
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) {
      return [];
    }
    const found: CryptoKey[] = [];
    for await (const key of error) {
      found.push(key);
      if (found.length >= most) {
        break;
      }
    }
    return found;
  }
}
