import { setTimeout as sleep } from "node:timers/promises";
import { OAuthError } from "../../errors.ts";
import { randomId } from "../../lib/random-id.ts";
import { GuardStoreUnavailable } from "../../store/guard-store.ts";
import type { UpstreamTokens } from "../../upstream/upstream-client.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { unavailable } from "../protocol/outages.ts";
import { denyFamily } from "../tokens/denials.ts";
import { openToken, type RefreshGrant, sealToken, type TokenResponse } from "../tokens/sealed-tokens.ts";
import { issueTokens } from "./issue-tokens.ts";
import { createRefreshHistory, GRACE } from "./refresh-history.ts";
import { exchangeResumably, findUnissued } from "./resumable-exchange.ts";
import type { TokenIssue } from "./token-issue.ts";
import { toTokenEndpointError } from "./upstream-errors.ts";

/** Longer than all that a refresh may wait for: two calls of the provider, its keys, and the store. */
const LOCK_TTL = 60;
const POLL_MILLISECONDS = 100;
const POLLS = 100;

/** Rotates a refresh token that was checked. */
export type RotateRefreshToken = (
  session: ProviderSession,
  grant: RefreshGrant,
  scopes: readonly string[],
  answerId: string,
  binding: TokenBinding,
) => Promise<TokenResponse>;

/** The key that the new tokens are bound to. */
export type TokenBinding = Pick<TokenIssue, "jkt" | "bindsRefreshToken">;

/**
 * One provider call for each use of a refresh token, over all replicas that share a store: lock the login, used?,
 * provider, keep the answer, mark used, unlock. A use after the grace period means that the token has leaked: its
 * family is denied and the provider's refresh token revoked (RFC 9700 section 4.14.2).
 */
export function createRefreshRotation(context: ProxyContext): RotateRefreshToken {
  const { options } = context;
  const { store, logger } = options;
  const history = createRefreshHistory(options);

  return async (session, grant, scopes, answerId, binding) => {
    const ticket = randomId();
    const kept = await lockOrAnswer(session, grant, answerId, ticket);
    if (kept !== undefined) {
      return kept;
    }
    try {
      return (await keptAnswer(session, answerId)) ?? (await rotate(session, grant, scopes, answerId, binding));
    } finally {
      // A lock that can't be given back ends by itself.
      await store.release("lock", grant.family, ticket).catch(() => undefined);
    }
  };

  async function lockOrAnswer(
    session: ProviderSession,
    grant: RefreshGrant,
    answerId: string,
    ticket: string,
  ): Promise<TokenResponse | undefined> {
    for (let polls = 0; polls < POLLS; polls++) {
      if (await store.claim("lock", grant.family, LOCK_TTL, ticket)) {
        return undefined;
      }
      const answer = await keptAnswer(session, answerId);
      if (answer !== undefined) {
        return answer;
      }
      await sleep(POLL_MILLISECONDS);
    }
    throw unavailable("Another refresh of this session is still under way. Try again in a moment.");
  }

  async function keptAnswer({ keyring }: ProviderSession, answerId: string): Promise<TokenResponse | undefined> {
    const sealed = await store.get("answer", answerId);
    const kept = sealed === undefined ? undefined : (await openToken(keyring, "answer", sealed))?.contents;
    return kept?.answerId === answerId ? kept.response : undefined;
  }

  async function rotate(
    session: ProviderSession,
    grant: RefreshGrant,
    scopes: readonly string[],
    answerId: string,
    binding: TokenBinding,
  ): Promise<TokenResponse> {
    await requireUnused(session, grant);
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

  async function requireUnused(session: ProviderSession, grant: RefreshGrant): Promise<void> {
    switch (await history.priorUse(grant)) {
      case "none":
        return;
      case "recent":
        throw new OAuthError(
          "invalid_grant",
          "The refresh token was used a moment ago, for something else. Use the new one.",
        );
      case "earlier":
        await endFamily(session, grant);
        throw new OAuthError(
          "invalid_grant",
          "The refresh token was used before, so the session was ended. Log in again.",
        );
    }
  }

  async function remember(
    { keyring }: ProviderSession,
    grant: RefreshGrant,
    answer: { readonly answerId: string; readonly response: TokenResponse },
  ): Promise<void> {
    try {
      await store.set("answer", answer.answerId, await sealToken(keyring, "answer", answer), GRACE);
      await history.record(grant);
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
    await denyFamily(options, grant.family, grant.loginTime + options.sessionTtl);
    logger.warn(
      { event: "refresh-token-reused", login: grant.family, client: grant.clientHash },
      "A refresh token came again after its grace period, which means that it has leaked: its session was ended",
    );
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
