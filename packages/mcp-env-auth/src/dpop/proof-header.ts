import { OAuthError } from "../errors.ts";
import { ASYMMETRIC_ALGORITHMS } from "../upstream/jwt-algorithms.ts";

/**
 * The DPoP proof of a request (RFC 9449 section 4.1), or `undefined` when it has none.
 *
 * @param headers the values of its DPoP headers.
 * @throws OAuthError `invalid_dpop_proof` when there is more than one.
 */
export function readProofHeader(headers: readonly string[] | undefined): string | undefined {
  if (headers === undefined) {
    return undefined;
  }
  if (headers.length > 1) {
    throw new OAuthError("invalid_dpop_proof", "The DPoP header was sent more than once.");
  }
  return headers[0];
}

/** What `dpop_signing_alg_values_supported` lists (RFC 9449 section 5.1). */
export const PROOF_ALGORITHMS: readonly string[] = ASYMMETRIC_ALGORITHMS;
