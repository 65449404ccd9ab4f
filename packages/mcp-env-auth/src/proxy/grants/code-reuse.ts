import { OAuthError } from "../../errors.ts";
import { DENIAL_OF_ALL } from "../../store/guard-entry.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import type { OAuthProxyOptions } from "../options.ts";
import { denyFamily } from "../tokens/denials.ts";

/** One use of an authorization code. */
export interface CodeUse {
  readonly loginId: string;
  readonly family: string;
  /** Seconds since the Unix epoch. */
  readonly loginTime: number;
  /** Seconds for which the code is remembered as used. */
  readonly ttl: number;
}

const ISSUED = "issued";

/**
 * Ends the login of a code that came again (RFC 6749 section 4.1.2): the
 * tokens that it gave, or those that an exchange under way is about to give.
 *
 * Where it gave none there is nothing that lives on, and so nothing that has
 * to be remembered for the life of a session: anybody can bring that about,
 * as often as they like, with codes that the provider never gave.
 */
export async function endLoginOfUsedCode(options: OAuthProxyOptions, use: CodeUse): Promise<void> {
  const { store, sessionTtl } = options;
  await store.set("deny-family", use.family, DENIAL_OF_ALL, use.ttl);
  // In this order, as recordIssue writes before it reads: one of the two sees the other.
  if ((await store.get("code", use.loginId)) === ISSUED) {
    await denyFamily(options, use.family, use.loginTime + sessionTtl);
  }
}

/**
 * Remembers that a code gave tokens, before its client gets them.
 *
 * @throws OAuthError `invalid_grant` when the code came again meanwhile: nobody can say whose tokens they are.
 */
export async function recordIssue({ store, logger }: OAuthProxyOptions, use: CodeUse): Promise<void> {
  try {
    await store.set("code", use.loginId, ISSUED, use.ttl);
    if ((await store.get("deny-family", use.family)) === undefined) {
      return;
    }
  } catch (error) {
    if (!(error instanceof GuardStoreUnavailable)) {
      throw error;
    }
    // The provider has taken the code: withholding its answer would end the login.
    logger.warn(
      { event: "code-not-recorded", login: use.family, reason: error.message },
      "The guard store failed during a login; a replay of its code can't be told",
    );
    return;
  }
  throw new OAuthError("invalid_grant", "The code was sent more than once. Log in again.");
}
