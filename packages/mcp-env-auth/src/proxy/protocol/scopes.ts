import { MAX_SCOPE_LENGTH, OFFLINE_ACCESS } from "../../scope.ts";
import type { UpstreamMetadata } from "../../upstream/upstream-client.ts";

/**
 * What a client may ask for: the server's scopes, and `offline_access` where the provider gives refresh tokens by
 * scope.
 *
 * @param metadata `undefined` while the provider is not known.
 */
export function offeredScopes(
  scopesSupported: readonly string[],
  metadata: Pick<UpstreamMetadata, "scopesSupported"> | undefined,
): readonly string[] {
  const offline = metadata?.scopesSupported.includes(OFFLINE_ACCESS) ? [OFFLINE_ACCESS] : [];
  return [...new Set([...scopesSupported, ...offline])];
}

/** The scopes in a space-separated list (RFC 6749 section 3.3), without repeats. */
export function splitScopes(scope: string): readonly string[] {
  return [...new Set(scope.split(" ").filter((name) => name !== ""))];
}

/**
 * The longest `scope` that a client may send, in characters: all that it was told of, and more than that where this is
 * little.
 */
export function longestScope(offered: readonly string[]): number {
  return Math.max(MAX_SCOPE_LENGTH, offered.join(" ").length);
}
