import type { IncomingMessage } from "node:http";
import type { AccessToken, TokenExchange, TokenVerifier } from "../access-token.ts";
import { OAuthError } from "../errors.ts";
import { readPresentedToken } from "../resource-server/presented-token.ts";
import type { StreamToken } from "./open-streams.ts";
import { type ProofCheck, requireProof } from "./token-proof.ts";

/** How one MCP endpoint is protected. */
export interface McpProtection {
  readonly verifier: TokenVerifier;
  /** What every token must carry. */
  readonly requiredScopes: readonly string[];
  /** What a client without a good token is told to ask for. */
  readonly loginScopes: readonly string[];
  /** Exchanges a caller's token for one for another API, where the provider can. */
  readonly exchange?: TokenExchange | undefined;
  /** How proofs of tokens that are bound to a key are checked. */
  readonly proofs?: ProofCheck | undefined;
  /** The URL of the protected resource metadata, for challenges. */
  readonly resourceMetadata: string | undefined;
}

/** Whose request it is. */
export interface Caller {
  readonly token: AccessToken;
  /** The token as a stream is tied to it. */
  readonly streamToken: StreamToken;
}

/**
 * Finds the caller by the access token, and by the proof that goes with one that is bound to a key, before anything of the body is read.
 *
 * @throws OAuthError
 */
export async function authenticate(request: IncomingMessage, { verifier, proofs }: McpProtection): Promise<Caller> {
  const presented = readPresentedToken(request);
  if (presented === undefined) {
    const advice = "Authentication is required: send an access token in the Authorization header.";
    throw new OAuthError("invalid_token", advice);
  }
  const token = await verifier.verify(presented.token);
  if (presented.scheme === "DPoP" || token.jkt !== undefined) await requireProof(request, presented, token, proofs);
  const { subject: owner, expiresAt } = token;
  return { token, streamToken: { owner, expiresAt, isGood: () => isStillGood(verifier, presented.token) } };
}

async function isStillGood(verifier: TokenVerifier, token: string): Promise<boolean> {
  try {
    await verifier.verify(token);
    return true;
  } catch (error) {
    // An outage is no verdict.
    return !(error instanceof OAuthError && error.status === 401);
  }
}
