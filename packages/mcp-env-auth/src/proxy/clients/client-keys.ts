import type { CryptoKey, JWK } from "jose";
import { OAuthError } from "../../errors.ts";
import { ASYMMETRIC_ALGORITHMS } from "../../upstream/jwt-algorithms.ts";
import { isLargeRsaKey, MAX_RSA_BITS } from "../../upstream/rsa-size.ts";
import { type KeySet, keySet, selectKeys } from "../../upstream/select-keys.ts";
import type { KeyQuery } from "../../upstream/verification-keys.ts";
import type { ClientKeys, PublicJwk } from "../tokens/sealed-tokens.ts";
import { presentValue } from "./client-metadata.ts";
import { problemOfDocumentUrl } from "./documents/document-url.ts";

type Metadata = Readonly<Record<string, unknown>>;

const MAX_KEYS = 20;

/** How many keys an assertion is tried with: a large one takes a millisecond, and anybody may register keys. */
export const MAX_CANDIDATES = 3;

/** The imported keys of cached documents. */
const imported = new WeakMap<readonly PublicJwk[], KeySet>();

/** The members of a public key (RFC 7518 section 6, RFC 8037 section 2). */
const PUBLIC_MEMBERS = ["kty", "kid", "alg", "use", "crv", "x", "y", "n", "e"] as const;
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] as const;

/**
 * Reads `jwks`, `jwks_uri` and `token_endpoint_auth_signing_alg` of a client's metadata (RFC 7591 section 2).
 *
 * @throws OAuthError `invalid_client_metadata`
 */
export function readClientKeys(metadata: Metadata): ClientKeys {
  const jwks = presentValue(metadata.jwks);
  const jwksUri = presentValue(metadata.jwks_uri);
  const algorithm = presentValue(metadata.token_endpoint_auth_signing_alg);
  if ((jwks === undefined) === (jwksUri === undefined)) {
    throw invalid("private_key_jwt needs the client's public keys: give either jwks or jwks_uri.");
  }
  if (algorithm !== undefined && !(typeof algorithm === "string" && ASYMMETRIC_ALGORITHMS.includes(algorithm))) {
    throw invalid(`token_endpoint_auth_signing_alg must be one of ${ASYMMETRIC_ALGORITHMS.join(", ")}.`);
  }
  return {
    ...(jwks !== undefined ? { jwks: readKeySet(jwks) } : { jwksUri: readJwksUri(jwksUri) }),
    ...(algorithm !== undefined && { algorithm }),
  };
}

/**
 * The keys of a JWK Set (RFC 7517 section 5) that signatures can be verified with. Those of an unknown kind are passed
 * over, and RSA keys that are too large.
 *
 * @throws OAuthError `invalid_client_metadata` when there is none, or a private or symmetric one.
 */
export function readKeySet(set: unknown): readonly PublicJwk[] {
  const keys = typeof set === "object" && set !== null && "keys" in set ? set.keys : undefined;
  if (!Array.isArray(keys) || keys.length > MAX_KEYS || !keys.every((key) => typeof key === "object" && key !== null)) {
    throw invalid(`The client's keys must be a JWK Set: an object with a list of at most ${MAX_KEYS} keys.`);
  }
  if (keys.some((key: JWK) => key.kty === "oct" || PRIVATE_MEMBERS.some((member) => member in key))) {
    throw invalid("The client's keys hold a private or symmetric key. Publish public keys only, and replace this one.");
  }
  const signing = keys.filter(({ kty, use }: JWK) => isSigningType(kty) && (use === undefined || use === "sig"));
  const usable = signing.filter((key: JWK) => !isLargeRsaKey(key));
  if (signing.length > usable.length && usable.length === 0) {
    throw invalid(`The client's RSA keys are larger than ${MAX_RSA_BITS} bits. Publish smaller ones, or EC keys.`);
  }
  if (usable.length === 0) {
    throw invalid("The client's keys hold no RSA, EC or OKP key for signatures.");
  }
  return usable.map(publicPart);
}

/**
 * Up to {@link MAX_CANDIDATES} of `keys` that may have made a signature of this kind. Earlier releases sealed RSA keys
 * of any size into client ids.
 */
export function selectClientKeys(keys: readonly PublicJwk[], query: KeyQuery): Promise<readonly CryptoKey[]> {
  const set = imported.get(keys) ?? keySet(keys.filter((key) => !isLargeRsaKey(key)) as readonly JWK[]);
  imported.set(keys, set);
  return selectKeys(set, query, MAX_CANDIDATES);
}

function readJwksUri(jwksUri: unknown): string {
  if (typeof jwksUri !== "string") {
    throw invalid("jwks_uri must be a URL.");
  }
  const problem = problemOfDocumentUrl(jwksUri);
  if (problem !== undefined) {
    throw invalid(`The jwks_uri ${problem}.`);
  }
  return jwksUri;
}

function isSigningType(kty: unknown): boolean {
  return kty === "RSA" || kty === "EC" || kty === "OKP";
}

function publicPart(key: Metadata): PublicJwk {
  const members = PUBLIC_MEMBERS.map((member) => [member, key[member]] as const);
  return Object.fromEntries(
    members.filter((entry): entry is [(typeof entry)[0], string] => typeof entry[1] === "string"),
  );
}

function invalid(description: string): OAuthError {
  return new OAuthError("invalid_client_metadata", description);
}
