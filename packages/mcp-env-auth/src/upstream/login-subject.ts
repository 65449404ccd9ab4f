import { createHash } from "node:crypto";
import type { VerifiedIdToken } from "./id-token-signature.ts";
import { identifier } from "./token-subject.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";

/** What the tokens of one login say of their user. */
export interface LoginTokens {
  readonly accessToken: string;
  readonly verified: VerifiedUpstreamToken;
  readonly idToken: VerifiedIdToken;
}

/**
 * Refuses a login whose access token is another user's than its id token.
 *
 * Where the two name the user alike at this provider (`sameSubject`), they must be equal. Elsewhere they may
 * differ by design (pairwise ids, Okta), or the access token names nobody: then the id token's `at_hash`, where
 * there is one, must be the access token's (OpenID Connect Core 1.0 section 3.1.3.6).
 *
 * @returns whether the two name the user differently.
 * @throws UpstreamTokenError `subject`
 */
export function requireSameLogin({ accessToken, verified, idToken }: LoginTokens, sameSubject: boolean): boolean {
  const [stated, loggedIn] = [identifier(verified.claims.sub), identifier(idToken.claims.sub)];
  if (stated !== undefined && stated === loggedIn) return false;
  const differ = stated !== undefined && loggedIn !== undefined;
  if (differ && sameSubject) {
    throw new UpstreamTokenError("subject", "The provider's access token and id token are of different users.");
  }
  if (!matchesHash(accessToken, idToken)) {
    throw new UpstreamTokenError("subject", "The provider's id token was issued with another access token (at_hash).");
  }
  return differ;
}

/** Hashes of the signature algorithms (RFC 7518 section 3.1, RFC 8037 section 3.1). */
const HASHES: readonly (readonly [RegExp, string])[] = [
  [/256$/, "sha256"],
  [/384$/, "sha384"],
  [/512$/, "sha512"],
  [/^(?:EdDSA|Ed25519)$/, "sha512"],
];

function matchesHash(accessToken: string, { alg, claims: { at_hash: expected } }: VerifiedIdToken): boolean {
  const hash = HASHES.find(([pattern]) => pattern.test(alg ?? ""))?.[1];
  if (expected === undefined || hash === undefined) return true;
  const digest = createHash(hash).update(accessToken, "ascii").digest();
  return digest.subarray(0, digest.length / 2).toString("base64url") === String(expected).replace(/=+$/, "");
}
