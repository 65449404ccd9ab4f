/** The scope-token grammar of RFC 6749 section 3.3. */
export const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Asks for a refresh token (OpenID Connect Core 1.0 section 11), and is in no access token: what requires it could
 * never be used.
 */
export const OFFLINE_ACCESS = "offline_access";

export function isScopeToken(value: string): boolean {
  return SCOPE_TOKEN.test(value);
}
