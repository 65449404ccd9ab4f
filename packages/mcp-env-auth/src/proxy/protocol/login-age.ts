import { OAuthError } from "../../errors.ts";
import { CLOCK_TOLERANCE } from "../../lib/clock.ts";
import type { VerifiedIdToken } from "../../upstream/id-token-signature.ts";
import type { Upstream } from "../../upstream/upstream.ts";
import type { LoginParameters } from "../../upstream/upstream-client.ts";

/**
 * The scopes to ask the provider for. If the client limits the age of the login, that is checked by the id token, so
 * `openid` is added wherever the provider has id tokens. It adds nothing to what the client is granted.
 */
export function scopesAtProvider(
  { client: { metadata }, verifyIdToken }: Upstream,
  scopes: readonly string[],
  isAgeLimited: boolean,
): readonly string[] {
  const { scopesSupported } = metadata;
  const hasIdTokens =
    metadata.issuer !== undefined &&
    verifyIdToken !== undefined &&
    (scopesSupported.length === 0 || scopesSupported.includes("openid"));
  return isAgeLimited && hasIdTokens ? [...new Set([...scopes, "openid"])] : scopes;
}

/** The earliest time at which the user may have logged in, in seconds since the Unix epoch. `undefined`: any. */
export function earliestLogin(parameters: LoginParameters | undefined, askedAt: number): number | undefined {
  const maxAge = parameters?.max_age;
  return maxAge === undefined ? undefined : askedAt - Number(maxAge);
}

/**
 * Checks `auth_time` where the client has limited the age of the login (OpenID Connect Core 1.0 section 3.1.3.7, item
 * 13). Providers without id tokens have no way to say it.
 *
 * @throws OAuthError `invalid_grant`
 */
export function requireRecentLogin(
  earliest: number | undefined,
  { verifyIdToken }: Upstream,
  idToken: VerifiedIdToken | undefined,
): void {
  if (earliest === undefined || (idToken === undefined && verifyIdToken === undefined)) {
    return;
  }
  const time = idToken?.claims.auth_time;
  if (typeof time !== "number") {
    throw new OAuthError(
      "invalid_grant",
      "The identity provider does not say when the user logged in (auth_time), so max_age can't be checked. Log in again without max_age.",
    );
  }
  if (time + CLOCK_TOLERANCE < earliest) {
    throw new OAuthError("invalid_grant", "The user's login is older than max_age allows. Log in again.");
  }
}
