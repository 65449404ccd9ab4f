/** The scope-token grammar of RFC 6749 section 3.3. */
export const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Asks for a refresh token (OpenID Connect Core 1.0 section 11). It grants nothing at the MCP server and is in no
 * access token: what requires it could never be used.
 */
export const OFFLINE_ACCESS = "offline_access";

/**
 * Characters of `scope` that a login may always have, and the most that clients are told to ask for: a challenge is one
 * header.
 */
export const MAX_SCOPE_LENGTH = 1000;

export function isScopeToken(value: string): boolean {
  return SCOPE_TOKEN.test(value);
}

/**
 * The scopes that an access token can be checked for, of those that a provider is asked for. `offline_access` is not
 * among them: no challenge and no resource metadata names it (MCP 2026-07-28, Authorization), so clients that go by
 * those never ask for it.
 */
export function resourceScopes(scopes: readonly string[]): readonly string[] {
  return scopes.filter((scope) => scope !== OFFLINE_ACCESS);
}
