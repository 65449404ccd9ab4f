import type { IncomingMessage } from "node:http";
import type { AccessToken, TokenVerifier } from "../access-token.ts";
import { OAuthError } from "../errors.ts";
import { networkOf } from "../lib/client-network.ts";
import { type PresentedToken, readPresentedToken } from "../resource-server/presented-token.ts";
import { requestAddress } from "./client-address.ts";
import type { StreamToken } from "./open-streams.ts";
import { type ProofCheck, requireProof } from "./token-proof.ts";

/** What clients are told of one protected MCP endpoint. */
export interface McpProtection {
  /** What every token must carry. */
  readonly requiredScopes: readonly string[];
  /** What a client without a good token is told to ask for. */
  readonly loginScopes: readonly string[];
  /** The URL of the protected resource metadata, for challenges. */
  readonly resourceMetadata: string | undefined;
  /** The same for clients that write the endpoint's URL with a slash at its end. */
  readonly slashedResourceMetadata?: string | undefined;
}

/** How the tokens that it takes are checked. */
export interface TokenChecks {
  readonly verifier: TokenVerifier;
  /** How proofs of tokens that are bound to a key are checked. */
  readonly proofs?: ProofCheck | undefined;
  /** FASTMCP_TRUST_PROXY. Default 0. */
  readonly trustedProxies?: number | undefined;
}

/** Whose request it is. */
export interface Caller {
  readonly token: AccessToken;
  /** The token as a stream is tied to it. */
  readonly streamToken: StreamToken;
}

/**
 * Returns who a request counts for, where each has a share: a user, or, where no token is needed, all that comes from
 * one address.
 *
 * @param trustedProxies FASTMCP_TRUST_PROXY.
 */
export function sharerOf(request: IncomingMessage, caller: Caller | undefined, trustedProxies: number): string {
  return caller?.token.subject ?? `from ${networkOf(requestAddress(request, trustedProxies))}`;
}

/** Clients hold the `resource` of the metadata against the URL that they use, slash and all (RFC 9728 section 3.3). */
export function resourceMetadataFor(
  { url = "" }: IncomingMessage,
  { resourceMetadata, slashedResourceMetadata = resourceMetadata }: McpProtection,
): string | undefined {
  return /^[^?#]*\/(?:[?#]|$)/.test(url) ? slashedResourceMetadata : resourceMetadata;
}

/** The access token that comes with a request, not verified yet. @throws OAuthError when there is none */
export function requireToken(request: IncomingMessage): PresentedToken {
  const presented = readPresentedToken(request.headersDistinct.authorization);
  if (presented !== undefined) {
    return presented;
  }
  throw tokenRequired();
}

/** What a request without a token is refused with. */
export function tokenRequired(): OAuthError {
  const advice = "Authentication is required: send an access token in the Authorization header.";
  return new OAuthError("invalid_token", advice);
}

/**
 * Finds the caller by the access token, and by the proof that goes with one that is bound to a key, before anything of
 * the body is read.
 *
 * @throws OAuthError
 */
export async function authenticate(
  request: IncomingMessage,
  presented: PresentedToken,
  checks: TokenChecks,
): Promise<Caller> {
  const caller = await identify(request, presented, checks);
  const { token } = caller;
  if (presented.scheme === "DPoP" || token.jkt !== undefined) {
    await requireProof(request, presented, token, checks.proofs);
  }
  return caller;
}

/** Finds out whose token it is, and whether it is good: once more, where time has passed since. @throws OAuthError */
export async function identify(
  request: IncomingMessage,
  { token: presented }: PresentedToken,
  { verifier, trustedProxies = 0 }: Omit<TokenChecks, "proofs">,
): Promise<Caller> {
  const token = await verifier.verify(presented, () => requestAddress(request, trustedProxies));
  const { subject: owner, expiresAt } = token;
  return { token, streamToken: { owner, expiresAt, isGood: () => isStillGood(verifier, presented) } };
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
