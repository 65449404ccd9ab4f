import type { AccessToken, TokenVerifier } from "../access-token.ts";
import { deepFreeze } from "../deep-freeze.ts";
import { OAuthError } from "../errors.ts";
import { sha256Base64url } from "../sealing/digest.ts";
import type { DenialQuery } from "../store/guard-store.ts";
import { UpstreamError } from "../upstream/upstream-client.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "../upstream/upstream-token.ts";
import { requireProvider, unavailable, withStoreOutageAs503 } from "./availability.ts";
import type { ProviderSession, ProxyContext } from "./context.ts";
import { denialsOf } from "./denials.ts";
import { effectiveScopes } from "./effective-scopes.ts";
import { identityHash } from "./identity-hash.ts";
import { OFFLINE_ACCESS } from "./scopes.ts";
import type { AccessGrant } from "./sealed-tokens.ts";

const MAX_TOKEN_LENGTH = 8192;
const MAX_CACHED = 5000;

interface CachedToken {
  readonly accessToken: AccessToken;
  readonly denials: readonly DenialQuery[];
}

/**
 * Verifies the access tokens that the proxy issues. A token is opened, and
 * the provider's token inside verified by its signature, once per process:
 * a leaked sealing key alone mints no identities. After that, a request
 * costs one hash, one look-up and the denials.
 */
export function createAccessTokenVerifier(context: ProxyContext): TokenVerifier {
  const { store, clock } = context.options;
  const cache = new Map<string, CachedToken>();

  return {
    async verify(token) {
      const session = requireProvider(context);
      if (token.length > MAX_TOKEN_LENGTH) {
        throw invalidToken("The access token is not one that this server issued.");
      }
      const key = sha256Base64url(token);
      const cached = cache.get(key);
      const { accessToken, denials } = cached ?? (await openAccessToken(context, session, token));
      if (accessToken.expiresAt <= clock()) {
        cache.delete(key);
        throw invalidToken("The access token has expired. Refresh it, or log in again.");
      }
      if (cached === undefined) {
        makeRoom(cache, clock());
        cache.set(key, { accessToken, denials });
      }
      if ((await withStoreOutageAs503(() => store.denied(denials))) !== undefined) {
        throw invalidToken("The access token was revoked. Log in again.");
      }
      return accessToken;
    },
  };
}

async function openAccessToken(
  { options, issuedTokens }: ProxyContext,
  session: ProviderSession,
  token: string,
): Promise<CachedToken> {
  const grant = await withStoreOutageAs503(() => issuedTokens.open(session.keyring, "access", token));
  if (grant === undefined) {
    throw invalidToken(
      "The access token is not one that this server issued, or its keys have changed since. Log in again.",
    );
  }
  if (grant.resource !== options.resource) {
    throw invalidToken("The access token is for another resource.");
  }
  if (grant.expiresAt <= options.clock()) {
    throw invalidToken("The access token has expired. Refresh it, or log in again.");
  }
  const verified = await verifyProviderToken(session, grant);
  if (identityHash(verified.subject) !== grant.subjectHash) {
    throw invalidToken("The access token does not fit the user it was issued for.");
  }
  // Every request with this token gets the same object: none may change what the next one sees.
  const accessToken = deepFreeze<AccessToken>({
    token: grant.providerToken,
    clientId: grant.clientHash,
    scopes: effectiveScopes(grant.scopes, verified.scopes).filter((scope) => scope !== OFFLINE_ACCESS),
    expiresAt: Math.min(grant.expiresAt, verified.expiresAt),
    claims: verified.claims,
    subject: verified.subject,
    ...(verified.organization !== undefined && { organization: verified.organization }),
  });
  return { accessToken, denials: denialsOf(grant) };
}

async function verifyProviderToken({ upstream }: ProviderSession, grant: AccessGrant): Promise<VerifiedUpstreamToken> {
  try {
    if (upstream.tokenKind === "opaque" && grant.verified !== undefined) {
      return upstream.tokens.judgeAgain?.(grant.verified) ?? grant.verified;
    }
    return await upstream.tokens.verify(grant.providerToken);
  } catch (error) {
    if (error instanceof UpstreamTokenError && error.fault === "organization") {
      throw invalidToken(error.message, error);
    }
    if (error instanceof UpstreamTokenError) {
      throw invalidToken(`The identity provider's token is no longer good (${error.fault}). Log in again.`, error);
    }
    if (error instanceof UpstreamError) {
      throw unavailable("The access token can't be checked: the identity provider can't be reached.", error);
    }
    throw error;
  }
}

function makeRoom(cache: Map<string, CachedToken>, now: number): void {
  // Insertion order is close to the order of expiry: what has ended is at the front.
  for (const [key, { accessToken }] of cache) {
    if (accessToken.expiresAt > now && cache.size < MAX_CACHED) {
      return;
    }
    cache.delete(key);
  }
}

function invalidToken(description: string, cause?: unknown): OAuthError {
  return new OAuthError("invalid_token", description, { cause });
}
