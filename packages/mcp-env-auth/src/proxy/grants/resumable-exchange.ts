import { OAuthError } from "../../errors.ts";
import type { VerifiedIdToken } from "../../upstream/id-token-signature.ts";
import { UpstreamError, type UpstreamTokens } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { openToken, sealToken, type TokenResponse } from "../tokens/sealed-tokens.ts";
import { idTokenOfResumedLogin, verifyCodeIdToken } from "./login-id-token.ts";
import { isTemporary } from "./upstream-errors.ts";
import { isAboutSubject } from "./verify-login.ts";

/** In the place of an access token, where the provider's answer held none. */
const NO_TOKEN = "-";

/** One exchange of a code or a refresh token. */
export interface Exchange {
  /** The id of the code or refresh token. */
  readonly id: string;
  readonly family: string;
  /** What the user approved. */
  readonly scopes: readonly string[];
  /** When the code or refresh token ends: until then its answer is kept. Seconds since the Unix epoch. */
  readonly expiresAt: number;
  atProvider(): Promise<UpstreamTokens>;
  /** Whether an id token in the answer must be good: a refresh needs one only where nothing else names the user. */
  readonly verifiesIdToken: boolean;
  /** Makes our tokens of the provider's. */
  issue(tokens: UpstreamTokens, idToken: VerifiedIdToken | undefined): Promise<TokenResponse>;
}

/**
 * Exchanges at the provider and issues. The provider takes a code once, and a rotated refresh token for moments: when
 * the tokens can't be issued now, say because its keys can't be fetched, its answer is kept, sealed, and the next try
 * with the same code or refresh token goes on from there.
 *
 * @param kept what an earlier try left behind, from {@link findUnissued}
 */
export async function exchangeResumably(
  context: ProxyContext,
  session: ProviderSession,
  exchange: Exchange,
  kept: UpstreamTokens | undefined,
): Promise<TokenResponse> {
  // Before anything else: a refresh with a kept answer's refresh token may bring no id token to refuse.
  const keptIdToken = kept && (await codeIdToken(session, exchange, kept));
  const resumed = kept && kept.accessToken !== NO_TOKEN && (await resume(context, exchange, kept, keptIdToken));
  if (resumed) {
    return resumed;
  }
  const tokens = await askProvider(context, session, exchange, kept);
  const isResumedLogin = kept?.refreshToken !== undefined && !isRefresh(exchange);
  try {
    const idToken = isResumedLogin
      ? await idTokenOfResumedLogin(session.upstream, tokens, keptIdToken)
      : await codeIdToken(session, exchange, tokens);
    return await exchange.issue(tokens, idToken);
  } catch (error) {
    if (isTemporary(error) || (isRefresh(exchange) && isAboutToken(error))) {
      await keep(context, session, exchange, isResumedLogin ? afterCode(kept, tokens) : { ...kept, ...tokens });
    }
    throw error;
  }
}

/** What is kept of a login that was refreshed before it had ended: the code's id token says whose it is. */
function afterCode(kept: UpstreamTokens, { refreshToken = kept.refreshToken }: UpstreamTokens): UpstreamTokens {
  return { ...kept, accessToken: NO_TOKEN, ...(refreshToken !== undefined && { refreshToken }) };
}

/** The verified id token of a code's answer: a refresh has none that must be good. */
async function codeIdToken(
  { upstream }: ProviderSession,
  exchange: Exchange,
  tokens: UpstreamTokens,
): Promise<VerifiedIdToken | undefined> {
  return isRefresh(exchange) ? undefined : verifyCodeIdToken(upstream, tokens);
}

/** The provider has rotated its refresh token: without the new one, a refused answer would end the session. */
function isAboutToken(error: unknown): boolean {
  return error instanceof UpstreamTokenError && !isAboutSubject(error);
}

function isRefresh({ verifiesIdToken }: Exchange): boolean {
  return !verifiesIdToken;
}

/**
 * Asks the provider, and keeps a refresh token that came with an answer of no other use. A refresh that states no scope
 * grants what the kept answer did (RFC 6749 section 6).
 */
async function askProvider(
  context: ProxyContext,
  session: ProviderSession,
  exchange: Exchange,
  kept: UpstreamTokens | undefined,
): Promise<UpstreamTokens> {
  try {
    if (kept?.refreshToken === undefined) {
      return await exchange.atProvider();
    }
    const tokens = await session.upstream.client.refresh(kept.refreshToken, exchange.scopes);
    return { ...(kept.scope !== undefined && { scope: kept.scope }), ...tokens };
  } catch (error) {
    if (error instanceof UpstreamError && error.refreshToken !== undefined) {
      const { refreshToken } = error;
      await keep(context, session, exchange, { ...kept, accessToken: NO_TOKEN, refreshToken });
    }
    throw error;
  }
}

/** The provider's answer to an earlier try with this code or refresh token that the client has not got. */
export async function findUnissued(
  { options: { store, clock } }: ProxyContext,
  { keyring }: ProviderSession,
  id: string,
): Promise<UpstreamTokens | undefined> {
  const sealed = await store.get("exchange", id);
  const kept = sealed === undefined ? undefined : (await openToken(keyring, "exchange", sealed))?.contents;
  if (kept?.exchangeId !== id) {
    return undefined;
  }
  const { accessToken, refreshToken, expiresAt, refreshExpiresAt, scope, idToken } = kept;
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresAt !== undefined && { expiresIn: expiresAt - clock() }),
    ...(refreshExpiresAt !== undefined && { refreshExpiresIn: refreshExpiresAt - clock() }),
    ...(scope !== undefined && { scope }),
    ...(idToken !== undefined && { idToken }),
  };
}

/** `undefined` when a kept answer is no longer good, and its refresh token may bring a new one. */
async function resume(
  { options: { store } }: ProxyContext,
  { id, issue }: Exchange,
  kept: UpstreamTokens,
  idToken: VerifiedIdToken | undefined,
): Promise<TokenResponse | undefined> {
  try {
    const response = await issue(kept, idToken);
    // What stays is of no use to anybody, and ends by itself.
    await store.release("exchange", id).catch(() => undefined);
    return response;
  } catch (error) {
    // Whose tokens they are, no later answer changes; a refresh has ended its session for it.
    const isFinal = isAboutSubject(error instanceof OAuthError ? error.cause : error);
    if (isTemporary(error) || isFinal || kept.refreshToken === undefined) {
      throw error;
    }
    return undefined;
  }
}

async function keep(
  { options: { store, clock, logger } }: ProxyContext,
  { keyring }: ProviderSession,
  { id, family, expiresAt }: Exchange,
  { accessToken, refreshToken, expiresIn, refreshExpiresIn, scope, idToken }: UpstreamTokens,
): Promise<void> {
  const now = clock();
  try {
    const sealed = await sealToken(keyring, "exchange", {
      exchangeId: id,
      accessToken,
      ...(refreshToken !== undefined && { refreshToken }),
      ...(expiresIn !== undefined && { expiresAt: now + expiresIn }),
      // Keycloak answers 0 for a refresh token without an end.
      ...(refreshExpiresIn && { refreshExpiresAt: now + refreshExpiresIn }),
      ...(scope !== undefined && { scope }),
      ...(idToken !== undefined && { idToken }),
    });
    await store.set("exchange", id, sealed, expiresAt - now);
    logger.info({ event: "exchange-kept", login: family }, "The provider's answer is kept for the client's next try");
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    logger.error(
      { event: "exchange-lost", login: family, reason },
      "The provider's answer could neither be passed on nor kept, so this user may have to log in again",
    );
  }
}
