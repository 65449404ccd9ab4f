import type { IncomingMessage } from "node:http";
import type { AccessToken, TokenExchange, TokenVerifier } from "../access-token.ts";
import { OAuthError } from "../errors.ts";
import { readBearerToken } from "../resource-server/bearer-token.ts";
import type { StreamToken } from "./open-streams.ts";

/** How one MCP endpoint is protected. */
export interface McpProtection {
  readonly verifier: TokenVerifier;
  /** What every token must carry. */
  readonly requiredScopes: readonly string[];
  /** What a client without a good token is told to ask for. */
  readonly loginScopes: readonly string[];
  /** Exchanges a caller's token for one for another API, where the provider can. */
  readonly exchange?: TokenExchange | undefined;
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
 * @throws OAuthError
 */
export async function authenticate(request: IncomingMessage, { verifier }: McpProtection): Promise<Caller> {
  const bearer = readBearerToken(request);
  if (bearer === undefined) {
    const advice = "Authentication is required: send an access token in the Authorization header.";
    throw new OAuthError("invalid_token", advice);
  }
  const token = await verifier.verify(bearer);
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
