import { type CryptoKey, type createLocalJWKSet, errors } from "jose";
import type { KeyQuery } from "./verification-keys.ts";

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** Every key of a set (RFC 7517 section 5) that fits `query` and can be imported. */
export async function selectKeys(keys: KeySet, { alg, kid }: KeyQuery): Promise<readonly CryptoKey[]> {
  const header = kid === undefined ? { alg } : { alg, kid };
  try {
    return [await keys(header)];
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) {
      return [];
    }
    const found: CryptoKey[] = [];
    for await (const key of error) {
      found.push(key);
    }
    return found;
  }
}
