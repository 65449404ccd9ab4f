/**
 * Of the scopes that a provider is asked for, those that an access token can be held to. `offline_access` is no scope
 * of the resource: it stands in no challenge and no resource metadata (MCP 2026-07-28, Authorization), so clients that
 * go by those never ask for it.
 */
export function resourceScopes(scopes: readonly string[]): readonly string[] {
  return scopes.filter((scope) => scope !== "offline_access");
}
