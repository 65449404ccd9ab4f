import { createHash } from "node:crypto";
import type { VerifiedIdToken } from "./id-token-signature.ts";
import { identifier } from "./provider-values.ts";
import { DEFAULT_SUBJECT_CLAIM, type SubjectRules } from "./subject-rules.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";

/** What the tokens of one login say of their user. */
export interface LoginTokens {
  readonly accessToken: string;
  readonly verified: VerifiedUpstreamToken;
  readonly idToken: VerifiedIdToken;
}

/** How a provider names the user of a login in its two tokens. */
export interface LoginRules {
  readonly subject?: SubjectRules | undefined;
  /** Whether the access token says nothing of the user: only `at_hash` ties it to the id token then. */
  readonly identifiesByIdToken?: boolean | undefined;
  /** Whether both tokens name a user alike. Default false: they may differ. */
  readonly sameSubject?: boolean | undefined;
}

/**
 * Refuses a login whose access token is another user's than its id token.
 *
 * Where the two name the user alike at this provider (`sameSubject`), what both state must be equal: `sub`, and the
 * claim that the configuration names users by. Elsewhere they may differ by design (pairwise ids, Okta), or one of them
 * names nobody: then the id token's `at_hash`, where there is one, must be the access token's (OpenID Connect Core 1.0
 * section 3.1.3.6).
 *
 * @returns whether the two name the user differently.
 * @throws UpstreamTokenError `subject`
 */
export function requireSameLogin({ accessToken, verified, idToken }: LoginTokens, rules: LoginRules): boolean {
  if (rules.identifiesByIdToken) {
    requireMatchingHash(accessToken, idToken);
    return false;
  }
  const comparisons = compareClaims(verified.claims, idToken.claims, rules.subject);
  const differ = comparisons.includes(false);
  if (comparisons.length > 0 && !differ) {
    return false;
  }
  if (differ && rules.sameSubject) {
    throw new UpstreamTokenError("subject", "The provider's access token and id token are of different users.");
  }
  requireMatchingHash(accessToken, idToken);
  return differ;
}

function requireMatchingHash(accessToken: string, idToken: VerifiedIdToken): void {
  if (!matchesHash(accessToken, idToken)) {
    throw new UpstreamTokenError("subject", "The provider's id token was issued with another access token (at_hash).");
  }
}

/**
 * Refuses a second id token of one login that names another user than the first (OpenID Connect Core 1.0 section 12.2).
 *
 * @throws UpstreamTokenError `subject`
 */
export function requireSameIdTokenUser(first: VerifiedIdToken, second: VerifiedIdToken, rules?: SubjectRules): void {
  if (compareClaims(first.claims, second.claims, rules).includes(false)) {
    throw new UpstreamTokenError("subject", "The provider answered one login with id tokens of different users.");
  }
}

/** For each claim that names a user in both tokens, whether it names the same. */
function compareClaims(
  one: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>>,
  { claim = DEFAULT_SUBJECT_CLAIM }: SubjectRules = {},
): readonly boolean[] {
  return [...new Set([claim, DEFAULT_SUBJECT_CLAIM])].flatMap((name) => {
    const [first, second] = [one, other].map((claims) =>
      Object.hasOwn(claims, name) ? identifier(claims[name]) : undefined,
    );
    return first === undefined || second === undefined ? [] : [first === second];
  });
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
  if (expected === undefined || expected === null || expected === "" || hash === undefined) {
    return true;
  }
  const digest = createHash(hash).update(accessToken, "ascii").digest();
  return digest.subarray(0, digest.length / 2).toString("base64url") === String(expected).replace(/=+$/, "");
}
