import { setTimeout as sleep } from "node:timers/promises";
import { OAuthError } from "../../errors.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import type { UpstreamTokens } from "../../upstream/upstream-client.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { unavailable } from "../protocol/outages.ts";
import { denyFamily } from "../tokens/denials.ts";
import { type RefreshGrant, sealToken, type TokenResponse } from "../tokens/sealed-tokens.ts";
import { findAnswer, POLL_MILLISECONDS, POLLS } from "./code-reuse.ts";
import { issueTokens } from "./issue-tokens.ts";
import { createRefreshHistory, GRACE } from "./refresh-history.ts";
import { createRefreshLock } from "./refresh-lock.ts";
import { exchangeResumably, findUnissued } from "./resumable-exchange.ts";
import type { TokenIssue } from "./token-issue.ts";
import { toTokenEndpointError } from "./upstream-errors.ts";

/** Rotates a refresh token that was checked. */
export type RotateRefreshToken = (
  session: ProviderSession,
  grant: RefreshGrant,
  scopes: readonly string[],
  answerId: string,
  binding: TokenBinding,
) => Promise<TokenResponse>;

/** The key that the new tokens are bound to. */
export type TokenBinding = Pick<TokenIssue, "jkt" | "bindsRefreshToken" | "dialect">;

/**
 * One provider call for each use of a refresh token, over all replicas that share a store: lock the login, used?,
 * provider, keep the answer, mark used, unlock. A use after the grace period, or after the successor was redeemed,
 * means that the token has leaked: its family is denied and the provider's refresh token revoked (RFC 9700 section
 * 4.14.2).
 */
export function createRefreshRotation(context: ProxyContext): RotateRefreshToken {
  const { options } = context;
  const { store, logger } = options;
  const history = createRefreshHistory(options);
  const lock = createRefreshLock(store);

  return async (session, grant, scopes, answerId, binding) => {
    const held = await lockOrAnswer(session, grant, answerId);
    if ("response" in held) {
      return held.response;
    }
    try {
      return (
        (await answerToPriorUse(session, grant, answerId)) ?? (await rotate(session, grant, scopes, answerId, binding))
      );
    } finally {
      await lock.release(grant, held.ticket);
    }
  };

  async function lockOrAnswer(
    session: ProviderSession,
    grant: RefreshGrant,
    answerId: string,
  ): Promise<{ readonly ticket: string } | { readonly response: TokenResponse }> {
    for (let polls = 0; polls < POLLS; polls++) {
      const ticket = await lock.take(grant);
      if (ticket !== undefined) {
        return { ticket };
      }
      // A holder that was killed keeps the lock for longer than the answer is kept.
      const response = (await lock.isHeldByLater(grant))
        ? undefined
        : await findAnswer(store, session.keyring, answerId);
      if (response !== undefined) {
        return { response };
      }
      await sleep(POLL_MILLISECONDS);
    }
    throw unavailable("Another refresh of this session is still under way. Try again in a moment.");
  }

  /**
   * The answer that the token's use has got already.
   *
   * @throws OAuthError `invalid_grant` for a use that nobody may repeat.
   */
  async function answerToPriorUse(
    session: ProviderSession,
    grant: RefreshGrant,
    answerId: string,
  ): Promise<TokenResponse | undefined> {
    const use = await history.priorUse(grant);
    if (use === "earlier") {
      await endFamily(session, grant);
      throw new OAuthError(
        "invalid_grant",
        "The refresh token was used before, so the session was ended. Log in again.",
      );
    }
    const kept = await findAnswer(store, session.keyring, answerId);
    if (kept === undefined && use === "recent") {
      throw new OAuthError(
        "invalid_grant",
        "The refresh token was used a moment ago, for something else. Use the new one.",
      );
    }
    return kept;
  }

  async function rotate(
    session: ProviderSession,
    grant: RefreshGrant,
    scopes: readonly string[],
    answerId: string,
    binding: TokenBinding,
  ): Promise<TokenResponse> {
    context.providerLimits.takeRefresh(grant);
    const line = { login: grant.family, client: grant.clientHash };
    const exchange = {
      id: grant.tokenId,
      family: grant.family,
      scopes: grant.scopes,
      expiresAt: grant.expiresAt,
      atProvider: () => session.upstream.client.refresh(grant.providerToken, grant.scopes),
      verifiesIdToken: false,
      issue: (tokens: UpstreamTokens) =>
        issueTokens(context, session, tokens, {
          family: grant.family,
          generation: grant.generation + 1,
          loginTime: grant.loginTime,
          clientHash: grant.clientHash,
          grantedScopes: grant.scopes,
          requestedScopes: scopes,
          withheld: grant.withheld,
          publicClient: grant.publicClient,
          owner: grant,
          providerRefreshToken: grant.providerToken,
          ...binding,
        }),
    };
    const kept = await findUnissued(context, session, grant.tokenId);
    const response = await exchangeResumably(context, session, exchange, kept).catch((error: unknown) => {
      throw toTokenEndpointError(error, options, line);
    });
    await remember(session, grant, { answerId, response });
    logger.info({ event: "tokens-refreshed", ...line, scopes: response.scope }, "A client refreshed its tokens");
    return response;
  }

  async function remember(
    { keyring }: ProviderSession,
    grant: RefreshGrant,
    answer: { readonly answerId: string; readonly response: TokenResponse },
  ): Promise<void> {
    try {
      await store.set("answer", answer.answerId, await sealToken(keyring, "answer", answer), GRACE);
      await history.record(grant, answer.answerId);
    } catch (error) {
      if (!(error instanceof GuardStoreUnavailable)) {
        throw error;
      }
      // The provider may have rotated already: withholding its answer would end the session.
      logger.warn(
        { event: "refresh-not-recorded", login: grant.family, reason: error.message },
        "The guard store failed during a refresh; a replay of this refresh token can't be told",
      );
    }
  }

  async function endFamily({ upstream }: ProviderSession, grant: RefreshGrant): Promise<void> {
    await denyFamily(options, grant.family, grant.loginTime + options.sessionTtl, grant.subjectHash);
    logger.warn(
      { event: "refresh-token-reused", login: grant.family, client: grant.clientHash },
      "A refresh token came again after its grace period, or after its successor was used. So it has leaked, and its session was ended",
    );
    // Whoever has an old token would end all of the user's sessions by it.
    if (upstream.client.revokesAllSessions) {
      return;
    }
    try {
      await upstream.client.revoke(grant.providerToken, "refresh_token");
    } catch (error) {
      const reason = error instanceof Error ? error.message : "";
      logger.warn(
        { event: "provider-revocation-failed", login: grant.family, reason },
        "The session goes on at the provider",
      );
    }
  }
}
