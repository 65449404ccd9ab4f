import type { IncomingMessage } from "node:http";
import type { AccessToken, TokenVerifier } from "../access-token.ts";
import type { AccessPolicy } from "../authorization/access-policy.ts";
import { OAuthError } from "../errors.ts";
import { readBearerToken } from "../resource-server/bearer-token.ts";
import { InsufficientScope } from "./mcp-refusals.ts";
import type { StreamToken } from "./open-streams.ts";

/** How one MCP endpoint is protected. */
export interface McpProtection {
  readonly verifier: TokenVerifier;
  readonly requiredScopes: readonly string[];
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
 * Finds the caller by the bearer token, before anything of the body is read.
 *
 * @throws OAuthError, InsufficientScope
 */
export async function authenticate(
  request: IncomingMessage,
  { verifier, requiredScopes }: McpProtection,
  policy: AccessPolicy,
): Promise<Caller> {
  const bearer = readBearerToken(request);
  if (bearer === undefined) {
    const advice = "Authentication is required: send an access token in the Authorization header.";
    throw new OAuthError("invalid_token", advice);
  }
  const token = await verifier.verify(bearer);
  const missing = policy.missing({ requiredScopes, anyScope: [] }, token.scopes);
  if (missing.length > 0) {
    // With what it holds, so that one login more is enough.
    const needed = [...new Set([...requiredScopes, ...token.scopes])];
    throw new InsufficientScope(needed, `The access token lacks the scope ${missing.join(" ")}.`);
  }
  const { subject: owner, expiresAt } = token;
  return { token, streamToken: { owner, expiresAt, isGood: () => isStillGood(verifier, bearer) } };
}

async function isStillGood(verifier: TokenVerifier, bearer: string): Promise<boolean> {
  try {
    await verifier.verify(bearer);
    return true;
  } catch (error) {
    // An outage is no verdict.
    return !(error instanceof OAuthError && error.status === 401);
  }
}
