import { ASYMMETRIC_ALGORITHMS } from "../upstream/jwt-algorithms.ts";

/** What `dpop_signing_alg_values_supported` lists (RFC 9449 section 5.1). */
export const PROOF_ALGORITHMS: readonly string[] = ASYMMETRIC_ALGORITHMS;
