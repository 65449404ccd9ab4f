/**
 * The provider's codes for "this user, not now": those of OpenID Connect Core 1.0 section 3.1.2.6, and what Auth0
 * answers for a blocked user, a user that an Action denies, and a missing second factor. A new login may help.
 */
export const USER_REFUSALS: ReadonlySet<string> = new Set([
  "access_denied",
  "account_selection_required",
  "consent_required",
  "interaction_required",
  "login_required",
  "mfa_required",
  "unauthorized",
]);
