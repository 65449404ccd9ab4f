import type { IncomingMessage } from "node:http";
import type { AccessToken } from "../access-token.ts";
import type { ProofVerifier } from "../dpop/proof.ts";
import { readProofHeader } from "../dpop/proof-header.ts";
import { OAuthError } from "../errors.ts";
import { timingSafeEqualStrings } from "../lib/secrets.ts";
import type { PresentedToken } from "../resource-server/presented-token.ts";

/** How proofs are checked at one MCP endpoint. */
export interface ProofCheck {
  readonly verify: ProofVerifier;
  /** The endpoint's URL in each spelling; empty where no BASE_URL says it. */
  readonly urls: readonly string[];
}

/**
 * The token is bound to a key, and nothing, or the wrong thing, proves that the caller has it: 401 with a DPoP
 * challenge (RFC 9449 section 7.1).
 */
export class ProofRequired extends OAuthError {}

/**
 * Checks that who presents a token has the key that it is bound to (RFC 9449 section 7).
 *
 * @throws ProofRequired, OAuthError `temporarily_unavailable`
 */
export async function requireProof(
  request: IncomingMessage,
  { scheme, token }: PresentedToken,
  { jkt, subject }: AccessToken,
  check: ProofCheck | undefined,
): Promise<void> {
  if (jkt === undefined) {
    throw invalidToken("The access token is not bound to a key: send it as a Bearer token.");
  }
  if (scheme !== "DPoP") {
    throw invalidToken("The access token is bound to a key: send it with the DPoP scheme and a proof.");
  }
  if (check === undefined || check.urls.length === 0) {
    throw invalidToken("This server can't check DPoP proofs: its operator has to set BASE_URL.");
  }
  try {
    const sent = readProofHeader(request.headersDistinct.dpop);
    if (sent === undefined) {
      throw new OAuthError("invalid_dpop_proof", "The DPoP header is missing.");
    }
    const proof = await check.verify(sent, { method: request.method ?? "", urls: check.urls, accessToken: token });
    if (!timingSafeEqualStrings(proof.jkt, jkt)) {
      throw invalidToken("The DPoP proof is by another key than the token's.");
    }
    await proof.use(subject);
  } catch (error) {
    if (!(error instanceof OAuthError) || error.code !== "invalid_dpop_proof") {
      throw error;
    }
    throw new ProofRequired("invalid_dpop_proof", error.message, { status: 401 });
  }
}

function invalidToken(description: string): ProofRequired {
  return new ProofRequired("invalid_token", description);
}
