import { OAuthError } from "../../errors.ts";
import { sha256Base64url, timingSafeEqualStrings } from "../../lib/secrets.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import { denies } from "../../store/guard-entry.ts";
import { type Client, clientName, dialectOf, isPublic } from "../clients/client.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import { describable, requireParameter } from "../protocol/parameters.ts";
import { splitScopes } from "../protocol/scopes.ts";
import { denialsOf } from "../tokens/denials.ts";
import type { RefreshGrant, TokenResponse } from "../tokens/sealed-tokens.ts";
import type { ClientGrant, ClientRequest } from "./grant.ts";
import { requireBoundKey } from "./proof-of-possession.ts";
import { createRefreshRotation } from "./refresh-rotation.ts";
import { findSessionClient } from "./session-client.ts";

/**
 * The refresh token grant (RFC 6749 section 6). `scope` may narrow the access token; the new refresh token keeps what
 * the user approved. Requests that ask for the same at the same time share one rotation.
 */
export function createRefreshTokenGrant(context: ProxyContext): ClientGrant {
  const rotate = createRefreshRotation(context);
  const inFlight = new Map<string, Promise<TokenResponse>>();
  return {
    type: "refresh_token",
    isOffered: () => true,
    authenticates: "client",
    recognize: (_context, clientId, parameters) =>
      findSessionClient(context, clientId, parameters.get("refresh_token")),
    grant: refresh,
  };

  async function refresh(
    _context: ProxyContext,
    { provider: session, client, parameters, proof }: ClientRequest,
  ): Promise<TokenResponse> {
    const grant = await openRefreshToken(context, session, client, requireParameter(parameters, "refresh_token"));
    requireBoundKey(grant.jkt, proof, "refresh token");
    await proof?.use(grant.subjectHash);
    const binding = {
      jkt: proof?.jkt,
      bindsRefreshToken: isPublic(client),
      clientName: clientName(client),
      dialect: dialectOf(client),
    };
    const scopes = narrowedScopes(context, grant, parameters.get("scope"));
    const answerId = sha256Base64url(
      [grant.tokenId, grant.clientHash, scopes.join(" "), grant.resource, proof?.jkt].join("\n"),
    );
    const running = inFlight.get(answerId);
    if (running !== undefined) {
      return running;
    }
    const answer = rotate(session, grant, scopes, answerId, binding).finally(() => inFlight.delete(answerId));
    inFlight.set(answerId, answer);
    return answer;
  }
}

async function openRefreshToken(
  { options, issuedTokens }: ProxyContext,
  { keyring }: ProviderSession,
  client: Client,
  refreshToken: string,
): Promise<RefreshGrant> {
  const grant = await issuedTokens.open(keyring, "refresh", refreshToken);
  if (grant === undefined || !timingSafeEqualStrings(grant.clientHash, client.hash)) {
    throw new OAuthError(
      "invalid_grant",
      "The refresh token is not one that this server gave this client. Log in again.",
    );
  }
  if (Math.min(grant.expiresAt, grant.loginTime + options.sessionTtl) <= options.clock()) {
    throw new OAuthError("invalid_grant", "The session has expired. Log in again.");
  }
  if (grant.resource !== options.resource) {
    throw new OAuthError("invalid_target", "The refresh token is for another resource. Log in again.");
  }
  // Not `denied`, which may answer from a cache: a revoked session must not renew itself.
  const denied = await Promise.all(
    denialsOf(grant).map(async ([kind, id, since]) => denies(await options.store.get(kind, id), since)),
  );
  if (denied.includes(true)) {
    throw new OAuthError("invalid_grant", "The session was ended. Log in again.");
  }
  return grant;
}

/**
 * All that the user approved, or what the request asks for of it, and in addition what every token needs. What a login
 * leaves out is left out here as well: clients repeat what they asked for then, and some append `offline_access`.
 *
 * @throws OAuthError `invalid_scope` for a scope of this server that the user did not approve (RFC 6749 section 6).
 */
function narrowedScopes({ options }: ProxyContext, grant: RefreshGrant, scope: string | undefined): readonly string[] {
  const requested = splitScopes(scope ?? "");
  if (requested.length === 0) {
    return grant.scopes;
  }
  const known = options.scopesSupported.filter((name) => name !== OFFLINE_ACCESS);
  const beyond = requested.filter((name) => known.includes(name) && !grant.scopes.includes(name));
  if (beyond.length > 0) {
    throw new OAuthError(
      "invalid_scope",
      `A refresh can't ask for more scopes than the user approved. Log in again for more: ${describable(beyond.join(" "))}`,
    );
  }
  return grant.scopes.filter((name) => requested.includes(name) || options.requiredScopes.includes(name));
}
