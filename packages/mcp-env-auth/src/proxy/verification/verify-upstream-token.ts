import type { AccessToken } from "../../access-token.ts";
import { OAuthError } from "../../errors.ts";
import type { DenialQuery } from "../../store/guard-store.ts";
import { UpstreamError } from "../../upstream/upstream-client.ts";
import {
  UpstreamTokenError,
  type UpstreamTokenFault,
  type VerifiedUpstreamToken,
} from "../../upstream/upstream-token.ts";
import { unavailable } from "../protocol/outages.ts";

/** Faults whose own sentence says what to do. */
const TOLD_TO_CLIENTS: ReadonlySet<UpstreamTokenFault> = new Set(["organization", "subject"]);

/**
 * Runs the verification of a provider's token on the path of a request.
 *
 * @param describe what to tell the client of a token that is not good; of a refused organization and a missing subject
 * it hears the reason.
 * @throws OAuthError `invalid_token`, and `temporarily_unavailable` when that can't be decided now.
 */
export async function verifyUpstreamToken(
  verify: () => Promise<VerifiedUpstreamToken>,
  describe: (error: UpstreamTokenError) => string,
): Promise<VerifiedUpstreamToken> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof UpstreamTokenError) {
      throw invalidToken(TOLD_TO_CLIENTS.has(error.fault) ? error.message : describe(error), error);
    }
    if (error instanceof UpstreamError) {
      throw unavailable("The access token can't be checked: the identity provider can't be reached.", error);
    }
    throw error;
  }
}

export function invalidToken(description: string, cause?: unknown): OAuthError {
  return new OAuthError("invalid_token", description, { cause });
}

/** An access token that was opened and verified. */
export interface OpenedToken {
  readonly accessToken: AccessToken;
  readonly denials: readonly DenialQuery[];
  /** Of the login that operators see, if it is one: machines have none. */
  readonly login?: string;
  /** When it is to be verified again, seconds since the Unix epoch. Absent: never in this process. */
  readonly goodUntil?: number;
}
