import { ConfigError } from "../errors.ts";
import type { VerificationKeys } from "./verification-keys.ts";

/** Signature algorithms whose public key anyone may have (RFC 7518 section 3.1, RFC 8037, RFC 9864). */
export const ASYMMETRIC_ALGORITHMS: readonly string[] = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

const HMAC: readonly string[] = ["HS256", "HS384", "HS512"];

/**
 * The algorithms of `listed` that go with public keys: of what a provider lists in
 * `id_token_signing_alg_values_supported`, those that its access tokens may have. RS256, which every OpenID provider
 * has, when there is none.
 */
export function asymmetricAlgorithms(listed: readonly string[]): readonly string[] {
  const usable = listed.filter((algorithm) => ASYMMETRIC_ALGORITHMS.includes(algorithm));
  return usable.length > 0 ? usable : ["RS256"];
}

/**
 * Refuses a list of algorithms that does not go with the kind of key: HMAC with public keys would make the public key a
 * password, and `none` goes with nothing (RFC 8725 sections 3.1 and 3.2).
 *
 * @throws ConfigError
 */
export function checkAlgorithms(algorithms: readonly string[], kind: VerificationKeys["kind"]): void {
  const allowed = kind === "public" ? ASYMMETRIC_ALGORITHMS : HMAC;
  const refused = algorithms.filter((algorithm) => !allowed.includes(algorithm));
  if (algorithms.length === 0 || refused.length > 0) {
    throw new ConfigError(
      `${refused.join(", ") || "No algorithm"} can't verify tokens with a ${kind} key. Use one of ${allowed.join(", ")}.`,
    );
  }
}
