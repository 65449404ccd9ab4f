import { OAuthError } from "../../errors.ts";
import type { VerifiedIdToken } from "../../upstream/id-token-signature.ts";
import { requireSameLogin } from "../../upstream/login-subject.ts";
import { machineOf } from "../../upstream/machine-token.ts";
import { subjectOf } from "../../upstream/token-subject.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { UpstreamTokens } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "../../upstream/upstream-token.ts";
import type { ProxyContext } from "../context.ts";
import { describable } from "../protocol/parameters.ts";
import { splitScopes } from "../protocol/scopes.ts";
import { denyFamily } from "../tokens/denials.ts";
import { identityHash } from "../tokens/identity-hash.ts";
import type { TokenIssue } from "./token-issue.ts";

/**
 * Verifies the provider's access token for a login or a refresh, and whose it is: the user that it names, else the
 * user that the id token names.
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
    if (issue.owner !== undefined) requireSameSubject(issue.owner.subjectHash, verified);
    return verified;
  } catch (error) {
    if (issue.owner === undefined || !(error instanceof UpstreamTokenError && error.fault === "subject")) throw error;
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
  const grantedScopes = tokens.scope === undefined ? issue.grantedScopes : splitScopes(tokens.scope);
  const idToken = issue.idToken ?? (issue.owner && (await refreshedIdToken(upstream, tokens, grantedScopes)));
  const subject = idToken && subjectOf(idToken.claims, upstream.subject);
  const verified = await upstream.tokens.verify(tokens.accessToken, { grantedScopes, subject, isNew: true });
  if (machineOf(verified) !== undefined) {
    throw new UpstreamTokenError("subject", "The provider answered a login with a token of an application.");
  }
  if (idToken !== undefined) compareTokens(context, upstream, issue, tokens.accessToken, verified, idToken);
  return verified;
}

/** The verified id token of a refresh, where its access token names nobody. */
async function refreshedIdToken(
  upstream: Upstream,
  { accessToken, idToken }: UpstreamTokens,
  grantedScopes: readonly string[],
): Promise<VerifiedIdToken | undefined> {
  if (idToken === undefined || upstream.verifyIdToken === undefined) return undefined;
  try {
    await upstream.tokens.verify(accessToken, { grantedScopes, isNew: true });
    return undefined;
  } catch (error) {
    if (error instanceof UpstreamTokenError && error.fault === "subject") return upstream.verifyIdToken(idToken);
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
  const differ = requireSameLogin({ accessToken, verified, idToken }, upstream.sameSubject ?? false);
  if (!differ || loggedDifferences.has(upstream)) return;
  loggedDifferences.add(upstream);
  options.logger.info(
    { event: "subjects-differ", login: family },
    "The provider's id tokens and access tokens name a user differently. The access token's subject counts.",
  );
}

function requireSameSubject(ownerHash: string, { subject, claims }: VerifiedUpstreamToken): void {
  if (identityHash(subject) === ownerHash) return;
  const { client_id: clientId, azp, cid, username } = claims;
  const earlier = [clientId, azp, cid, username].filter((value) => typeof value === "string").map(identityHash);
  throw new UpstreamTokenError(
    "subject",
    earlier.includes(ownerHash)
      ? "The session was opened under a subject that is not its user's."
      : "The identity provider answered for another user.",
  );
}

async function endSession(
  { options }: ProxyContext,
  { family, loginTime }: TokenIssue,
  { message }: UpstreamTokenError,
): Promise<void> {
  options.logger.error({ event: "subject-changed", login: family }, `A refresh ended its session. ${message}`);
  await denyFamily(options, family, loginTime + options.sessionTtl);
}
