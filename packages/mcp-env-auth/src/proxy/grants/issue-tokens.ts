import { OAuthError } from "../../errors.ts";
import { OFFLINE_ACCESS } from "../../scope.ts";
import type { Keyring } from "../../sealing/keyring.ts";
import type { GuardClass } from "../../store/guard-store.ts";
import { unusualClaim } from "../../upstream/subject-rules.ts";
import type { UpstreamTokens } from "../../upstream/upstream-client.ts";
import type { VerifiedUpstreamToken } from "../../upstream/upstream-token.ts";
import type { ProviderSession, ProxyContext } from "../context.ts";
import type { TokenLifetimes } from "../options.ts";
import { carriedScopes, effectiveScopes, withheldScopes } from "../protocol/effective-scopes.ts";
import { denialsOfSession, type SessionDenials } from "../tokens/denials.ts";
import type { NewGrant } from "../tokens/issued-tokens.ts";
import { identityHash, type TokenResponse } from "../tokens/sealed-tokens.ts";
import { tokenResponse } from "./issued-response.ts";
import { refreshTokenHint } from "./refresh-token-hint.ts";
import type { TokenIssue, TokenOwner } from "./token-issue.ts";
import { verifyLogin } from "./verify-login.ts";

/** Longer headers are refused by servers and proxies on the way: many stop at 8 KB for all of them. */
const MAX_ACCESS_TOKEN_LENGTH = 7500;

/**
 * Verifies the provider's access token and seals our tokens around the provider's.
 *
 * @throws OAuthError when the provider's token lacks a required scope, is another user's or for another organization,
 * or makes ours too long.
 * @throws UpstreamTokenError, UpstreamError from the verification.
 */
export async function issueTokens(
  context: ProxyContext,
  { upstream, keyring }: ProviderSession,
  tokens: UpstreamTokens,
  issue: TokenIssue,
): Promise<TokenResponse> {
  const { options } = context;
  const verified = await verifyLogin(context, upstream, tokens, issue);
  const owner = ownerOf(verified);
  requireSameOrganization(context, issue, owner);
  const carried = carriedScopes(options, verified.scopes);
  const scopes = effectiveScopes(issue.requestedScopes, carried);
  const withheld = withheldScopes(issue.requestedScopes, scopes);
  const neverAsked = (issue.withheld ?? []).filter((scope) => !issue.grantedScopes.includes(scope));
  reportWithheld(context, issue, withheld);
  const now = options.clock();
  const sessionEnd = issue.loginTime + options.sessionTtl;
  const providerEnd = accessTokenEnd(verified.expiresAt, tokens, now, options.lifetimes);
  const expiresAt = Math.floor(Math.min(providerEnd, now + options.accessTokenTtl, sessionEnd));
  const common = {
    family: issue.family,
    loginTime: Math.floor(issue.loginTime),
    subjectHash: owner.subjectHash,
    clientHash: issue.clientHash,
    resource: options.resource,
  };
  await requireNotDenied(context, common);
  const bound = issue.jkt === undefined ? {} : { jkt: issue.jkt };
  const subjectClaim = unusualClaim(upstream.subject);
  const accessToken = await issueAccessToken(context, keyring, {
    ...common,
    ...bound,
    expiresAt,
    scopes,
    ...marked([...neverAsked, ...withheld]),
    providerToken: tokens.accessToken,
    ...(verified.subjectFromLogin && { subject: verified.subject }),
    ...(verified.subjectFromLogin && subjectClaim !== undefined && { subjectClaim }),
    ...(upstream.tokenKind === "opaque" && { verified }),
    ...(issue.dialect !== undefined && { dialect: issue.dialect }),
  });
  const note = (end: number) =>
    context.loginRecords?.note({
      ...{ login: issue.family, subject: verified.subject, organization: verified.organization },
      ...{ clientHash: issue.clientHash, clientName: issue.clientName },
      ...{ since: common.loginTime, expiresAt: end },
    });
  const response = tokenResponse({ accessToken, expiresAt, now, scopes, jkt: issue.jkt });
  const providerToken = tokens.refreshToken ?? issue.providerRefreshToken;
  if (providerToken === undefined) {
    const login = { mode: upstream.client.offlineAccess, granted: tokens.scope };
    options.logger.warn(
      { event: "no-refresh-token", login: issue.family },
      `The provider gave no refresh token, so the user logs in again when the access token expires. ${refreshTokenHint(login, options)}`,
    );
    note(expiresAt);
    return response;
  }
  // Keycloak answers 0 for a refresh token without an end.
  const refreshLifetime = tokens.refreshExpiresIn || options.lifetimes?.refresh;
  const providerRefreshEnd = now + (refreshLifetime ?? Number.POSITIVE_INFINITY);
  const refreshEnd = Math.floor(Math.min(sessionEnd, providerRefreshEnd));
  const refreshToken = await context.issuedTokens.issue(keyring, "refresh", {
    ...common,
    ...(issue.bindsRefreshToken && bound),
    generation: issue.generation,
    ...(owner.organizationHash !== undefined && { organizationHash: owner.organizationHash }),
    expiresAt: refreshEnd,
    scopes: issue.grantedScopes,
    ...marked([...neverAsked, ...withheldScopes(issue.grantedScopes, carried)]),
    ...(issue.publicClient && { publicClient: true }),
    providerToken,
  });
  note(Math.max(expiresAt, refreshEnd));
  // The refresh token is what offline_access stands for, whether or not the provider's token carries it.
  const offline = issue.requestedScopes.filter((scope) => scope === OFFLINE_ACCESS);
  const scope = [...new Set([...scopes, ...offline])].join(" ");
  return { ...response, refresh_token: refreshToken, ...(scope !== "" && { scope }) };
}

/** When the provider's access token counts as ended: by what it says of itself, and what was said with it. */
function accessTokenEnd(
  verifiedEnd: number,
  { expiresIn }: UpstreamTokens,
  now: number,
  { access = Number.POSITIVE_INFINITY, margin = 0 }: TokenLifetimes = {},
): number {
  const end = Math.min(verifiedEnd, now + (expiresIn ?? access));
  return end - Math.max(0, Math.min(margin, (end - now) / 2));
}

function marked(withheld: readonly string[]): { readonly withheld?: readonly string[] } {
  return withheld.length > 0 ? { withheld } : {};
}

/** Tokens that are refused at every request would send client and user round in circles. */
export async function requireNotDenied({ options }: ProxyContext, session: SessionDenials): Promise<void> {
  const denial = await options.store.denied(denialsOfSession(session));
  if (denial !== undefined) {
    const reason = DENIAL_REASONS[denial] ?? "This access was ended.";
    options.logger.warn({ event: "session-denied", login: session.family, denial }, `No tokens were issued. ${reason}`);
    throw new OAuthError("invalid_grant", reason);
  }
}

const DENIAL_REASONS: { readonly [Kind in GuardClass]?: string } = {
  "deny-family": "This login was ended: its code came again, or its session was revoked. Log in again.",
  "deny-subject": "The operator of this server has ended this user's access.",
  "deny-client": "The operator of this server has ended this client's access.",
};

function ownerOf({ subject, organization }: VerifiedUpstreamToken): TokenOwner {
  return {
    subjectHash: identityHash(subject),
    organizationHash: organization === undefined ? undefined : identityHash(organization),
  };
}

function requireSameOrganization({ options }: ProxyContext, issue: TokenIssue, owner: TokenOwner): void {
  if (issue.owner !== undefined && issue.owner.organizationHash !== owner.organizationHash) {
    options.logger.error(
      { event: "organization-changed", login: issue.family },
      "A refresh at the provider gave a token for another organization than the login's",
    );
    throw new OAuthError(
      "invalid_grant",
      "The identity provider answered for another organization than the login's. Log in again.",
    );
  }
}

/**
 * Says in the log which scopes a login did not get: without a required one nothing is issued, without another the calls
 * that need it are refused. A refresh can only repeat what its login was told.
 *
 * @throws OAuthError `invalid_scope` when a required scope is among them.
 */
function reportWithheld({ options }: ProxyContext, issue: TokenIssue, withheld: readonly string[]): void {
  const { logger, variables, advice, requiredScopes } = options;
  const missing = withheld.filter((scope) => requiredScopes.includes(scope));
  const help = advice.missingScopes ?? "Allow them at the provider, for the application and for the user.";
  if (missing.length > 0) {
    const names = missing.join(" ");
    logger.warn(
      { event: "scopes-withheld", login: issue.family, withheld: missing },
      `The provider's token lacks scopes of ${variables.requiredScopes}: ${names}. ${help}`,
    );
    throw new OAuthError(
      "invalid_scope",
      `The identity provider did not grant this user the required scopes: ${names}. Ask the operator of this server for them.`,
    );
  }
  if (withheld.length > 0 && issue.owner === undefined) {
    logger.warn(
      { event: "scopes-withheld", login: issue.family, withheld },
      `The provider did not grant all that a login asked for: ${withheld.join(" ")}. Calls that need these scopes are refused. Either the user lacks the permission or role, or the provider's API has no such scope, or its name is misspelled here. ${help}`,
    );
  }
}

/** Seals a grant as an access token. @throws OAuthError when it is too long to be sent. */
export async function issueAccessToken(
  { options, issuedTokens }: ProxyContext,
  keyring: Keyring,
  grant: NewGrant<"access">,
): Promise<string> {
  const token = await issuedTokens.issue(keyring, "access", grant).catch((error: unknown) => {
    if (!(error instanceof RangeError)) {
      throw error;
    }
  });
  if (token !== undefined && token.length <= MAX_ACCESS_TOKEN_LENGTH) {
    return token;
  }
  const length = token === undefined ? "more than 60,000" : token.length;
  const otherwise = options.tokenFormat === "sealed" ? " Or set FASTMCP_TOKEN_FORMAT=reference, with Redis." : "";
  const message = `The access token would be ${length} characters long; ${MAX_ACCESS_TOKEN_LENGTH} are the most that fit into a header everywhere. Slim the provider's access token: fewer custom claims (Actions), roles and permissions.${otherwise}`;
  options.logger.error({ event: "access-token-too-long", length: token?.length }, message);
  throw new OAuthError("server_error", message);
}
