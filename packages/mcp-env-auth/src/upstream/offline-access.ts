import { OFFLINE_ACCESS } from "../scope.ts";

/**
 * How the provider is asked for a refresh token (OpenID Connect Core 1.0 section 11).
 *
 * - `off`: not at all. Some give one anyway, and end more than a session where the scope is asked for.
 * - `scope`: by the scope `offline_access`.
 * - `consent`: by the scope, and `prompt=consent`, without which the provider ignores it.
 */
export type OfflineAccess = "off" | "scope" | "consent";

/** `scopes` as they are sent to the provider. Without a mode they stay as the client sent them. */
export function withOfflineAccess(scopes: readonly string[], mode: OfflineAccess | undefined): readonly string[] {
  if (mode === undefined) {
    return scopes;
  }
  return mode === "off"
    ? scopes.filter((scope) => scope !== OFFLINE_ACCESS)
    : [...new Set([...scopes, OFFLINE_ACCESS])];
}

/** The mode where none is configured: by scope, where the provider lists it. */
export function offlineAccessOf(scopesSupported: readonly string[]): OfflineAccess | undefined {
  return scopesSupported.includes(OFFLINE_ACCESS) ? "scope" : undefined;
}

/** What the provider supports, with what the configuration knows better than its metadata. */
export function withOfflineScope(
  scopesSupported: readonly string[],
  mode: OfflineAccess | undefined,
): readonly string[] {
  return mode === "scope" || mode === "consent" ? [...new Set([...scopesSupported, OFFLINE_ACCESS])] : scopesSupported;
}

/** `prompt` (OpenID Connect Core 1.0 section 3.1.2.1) with the value that `mode` needs; `none` excludes every other. */
export function promptFor(mode: OfflineAccess | undefined, prompt: string | undefined): string | undefined {
  if (mode !== "consent") {
    return prompt;
  }
  const values = (prompt ?? "").split(" ").filter((value) => value !== "" && value !== "none");
  return [...new Set([...values, "consent"])].join(" ");
}
