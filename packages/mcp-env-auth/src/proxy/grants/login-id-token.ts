import type { VerifiedIdToken } from "../../upstream/id-token-signature.ts";
import { requireSameIdTokenUser } from "../../upstream/login-subject.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { UpstreamTokens } from "../../upstream/upstream-client.ts";
import { UpstreamTokenError } from "../../upstream/upstream-token.ts";

/**
 * Verifies the id token that came with a code: its signature, and that its organization may use the server.
 *
 * @throws UpstreamTokenError, UpstreamError `unavailable`
 */
export async function verifyCodeIdToken(
  upstream: Upstream,
  { idToken }: UpstreamTokens,
): Promise<VerifiedIdToken | undefined> {
  if (idToken === undefined || upstream.verifyIdToken === undefined) {
    return undefined;
  }
  const verified = await upstream.verifyIdToken(idToken);
  upstream.organizations?.checkIdToken(verified.claims);
  return verified;
}

/**
 * Verifies an id token that came with a refresh, which few sessions need: one that is not good counts as absent.
 *
 * @throws UpstreamError `unavailable`
 */
export async function verifyRefreshedIdToken(
  upstream: Upstream,
  { idToken }: UpstreamTokens,
): Promise<VerifiedIdToken | undefined> {
  if (idToken === undefined || upstream.verifyIdToken === undefined) {
    return undefined;
  }
  return upstream.verifyIdToken(idToken).catch((error: unknown) => {
    if (error instanceof UpstreamTokenError) {
      return undefined;
    }
    throw error;
  });
}

/**
 * The id token that names the user of `tokens`, which a refresh brought before the login had ended: the refresh's own,
 * of the same user as the code's, else the code's, whose `at_hash` is an earlier access token's.
 *
 * @throws UpstreamTokenError `subject` when they are of two users.
 * @throws UpstreamError `unavailable`
 */
export async function idTokenOfResumedLogin(
  upstream: Upstream,
  tokens: UpstreamTokens,
  code: VerifiedIdToken | undefined,
): Promise<VerifiedIdToken | undefined> {
  const refreshed = await verifyRefreshedIdToken(upstream, tokens);
  if (refreshed === undefined || code === undefined) {
    return refreshed ?? (code && { claims: code.claims });
  }
  requireSameIdTokenUser(code, refreshed, upstream.subject);
  return refreshed;
}
