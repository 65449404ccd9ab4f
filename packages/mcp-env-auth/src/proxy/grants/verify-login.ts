import { OAuthError } from "../../errors.ts";
import type { VerifiedIdToken } from "../../upstream/id-token-signature.ts";
import { requireSameLogin } from "../../upstream/login-subject.ts";
import { identifier } from "../../upstream/provider-values.ts";
import { machineIn, personOf } from "../../upstream/token-subject.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { UpstreamTokens } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "../../upstream/upstream-token.ts";
import type { ProxyContext } from "../context.ts";
import { describable } from "../protocol/parameters.ts";
import { splitScopes } from "../protocol/scopes.ts";
import { denyFamily } from "../tokens/denials.ts";
import { identityHash } from "../tokens/sealed-tokens.ts";
import { verifyRefreshedIdToken } from "./login-id-token.ts";
import type { TokenIssue } from "./token-issue.ts";

/**
 * Verifies the provider's access token for a login or a refresh, and whose it is: the user that it names, else the user
 * that the id token names.
 *
 * @throws UpstreamTokenError, UpstreamError from the verification; at a login, `subject` when nothing names its user.
 * @throws OAuthError `invalid_grant` when a refresh brings tokens of another user or of nobody, which ends the session.
 */
export async function verifyLogin(
  context: ProxyContext,
  upstream: Upstream,
  tokens: UpstreamTokens,
  issue: TokenIssue,
): Promise<VerifiedUpstreamToken> {
  try {
    const verified = await verify(context, upstream, tokens, issue);
    if (issue.owner !== undefined) {
      requireSameSubject(issue.owner.subjectHash, verified);
    }
    return verified;
  } catch (error) {
    if (issue.owner === undefined || !isAboutSubject(error)) {
      throw error;
    }
    await endSession(context, issue, error);
    throw new OAuthError("invalid_grant", describable(`${error.message} Log in again.`, 500), { cause: error });
  }
}

async function verify(
  context: ProxyContext,
  upstream: Upstream,
  tokens: UpstreamTokens,
  issue: TokenIssue,
): Promise<VerifiedUpstreamToken> {
  const grantedScopes = tokens.scope === undefined ? lastGranted(issue) : splitScopes(tokens.scope);
  const idToken = issue.idToken ?? (issue.owner && (await refreshedIdToken(upstream, tokens, grantedScopes)));
  const { subject, fault } = idToken === undefined ? {} : loggedIn(idToken, upstream);
  const verified = await upstream.tokens
    .verify(tokens.accessToken, { grantedScopes, subject, idToken: idToken?.claims, isNew: true })
    .catch((error: unknown) => {
      throw (isAboutSubject(error) && fault) || error;
    });
  if (machineIn(verified.subject) !== undefined) {
    throw new UpstreamTokenError("subject", "The provider answered a login with a token of an application.");
  }
  if (idToken !== undefined) {
    compareTokens(context, upstream, issue, tokens.accessToken, verified, idToken);
  }
  return verified;
}

/**
 * The scopes of an answer that states none: those that were asked for at a login (RFC 6749 section 5.1), and at a
 * refresh those that were granted before (section 6).
 */
function lastGranted({ grantedScopes, withheld = [] }: TokenIssue): readonly string[] {
  return grantedScopes.filter((scope) => !withheld.includes(scope));
}

/** Whom an id token names. What it names nobody by is no fault of a login whose access token names its user itself. */
function loggedIn(
  { claims }: VerifiedIdToken,
  { subject: rules }: Upstream,
): { readonly subject?: string | undefined; readonly fault?: UpstreamTokenError } {
  try {
    return { subject: personOf(claims, rules) };
  } catch (error) {
    if (error instanceof UpstreamTokenError) {
      return { fault: error };
    }
    throw error;
  }
}

/** The verified id token of a refresh, where its access token names nobody. */
async function refreshedIdToken(
  upstream: Upstream,
  tokens: UpstreamTokens,
  grantedScopes: readonly string[],
): Promise<VerifiedIdToken | undefined> {
  if (tokens.idToken === undefined || upstream.verifyIdToken === undefined) {
    return undefined;
  }
  if (upstream.identifiesByIdToken) {
    return verifyRefreshedIdToken(upstream, tokens);
  }
  try {
    await upstream.tokens.verify(tokens.accessToken, { grantedScopes, isNew: true });
    return undefined;
  } catch (error) {
    if (isAboutSubject(error)) {
      return verifyRefreshedIdToken(upstream, tokens);
    }
    throw error;
  }
}

/** Providers whose two tokens of one login were seen to name the user differently: each is logged once. */
const loggedDifferences = new WeakSet<Upstream>();

function compareTokens(
  { options }: ProxyContext,
  upstream: Upstream,
  { family }: TokenIssue,
  accessToken: string,
  verified: VerifiedUpstreamToken,
  idToken: VerifiedIdToken,
): void {
  const differ = requireSameLogin({ accessToken, verified, idToken }, upstream);
  if (!differ || loggedDifferences.has(upstream)) {
    return;
  }
  loggedDifferences.add(upstream);
  options.logger.info(
    { event: "subjects-differ", login: family },
    "The provider's id tokens and access tokens name a user differently. If the access token names one, that one counts.",
  );
}

function requireSameSubject(ownerHash: string, { subject, claims }: VerifiedUpstreamToken): void {
  if (identityHash(subject) === ownerHash) {
    return;
  }
  const { sub, client_id: clientId, azp, cid, username } = claims;
  const earlier = [sub, clientId, azp, cid, username].flatMap((value) => identifier(value) ?? []).map(identityHash);
  throw new UpstreamTokenError(
    "subject",
    earlier.includes(ownerHash)
      ? "The session was opened under a subject that is not its user's."
      : "The identity provider answered for another user.",
  );
}

/** Whether the provider's tokens name another user than they must, or nobody. */
export function isAboutSubject(error: unknown): error is UpstreamTokenError {
  return error instanceof UpstreamTokenError && error.fault === "subject";
}

async function endSession(
  { options }: ProxyContext,
  { family, loginTime, owner }: TokenIssue,
  { message }: UpstreamTokenError,
): Promise<void> {
  options.logger.error({ event: "subject-changed", login: family }, `A refresh ended its session. ${message}`);
  await denyFamily(options, family, loginTime + options.sessionTtl, owner?.subjectHash);
}
