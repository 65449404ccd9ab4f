import type { Proof } from "../../dpop/proof.ts";
import { readProofHeader } from "../../dpop/proof-header.ts";
import type { EndpointRequest } from "../../endpoint.ts";
import { OAuthError } from "../../errors.ts";
import { timingSafeEqualStrings } from "../../lib/secrets.ts";
import type { Client } from "../clients/client.ts";
import type { ProxyContext } from "../context.ts";

/**
 * The proof of a request to the token endpoint, verified but not used up (RFC 9449 section 5). `undefined` without one.
 *
 * @throws OAuthError `invalid_dpop_proof`, also when the client is registered for bound tokens only and sent none
 * (section 5.2).
 */
export async function readTokenProof(
  { urls, verifyProof, options }: ProxyContext,
  { method, headers }: EndpointRequest,
  client: Pick<Client, "dpopBound"> | undefined,
): Promise<Proof | undefined> {
  const sent = readProofHeader(headers.dpop);
  if (sent !== undefined) {
    const served = [urls.token, `${new URL(options.baseUrl).origin}/token`];
    return verifyProof(sent, { method, urls: served });
  }
  if (client?.dpopBound === true) {
    const description = "This client is registered with dpop_bound_access_tokens: the DPoP header is missing.";
    throw new OAuthError("invalid_dpop_proof", description);
  }
  return undefined;
}

/**
 * Requires the key that a code or refresh token is bound to, where it is bound to one (RFC 9449 sections 5 and 10).
 *
 * @throws OAuthError `invalid_dpop_proof` without a proof, `invalid_grant` for another key's.
 */
export function requireBoundKey(jkt: string | undefined, proof: Proof | undefined, what: string): void {
  if (jkt === undefined) {
    return;
  }
  if (proof === undefined) {
    throw new OAuthError("invalid_dpop_proof", `The ${what} is bound to a key: the DPoP header is missing.`);
  }
  if (!timingSafeEqualStrings(proof.jkt, jkt)) {
    throw new OAuthError("invalid_grant", `The ${what} is bound to another key than that of the DPoP proof.`);
  }
}
