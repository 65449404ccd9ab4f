import { OFFLINE_ACCESS } from "../../scope.ts";

/** How scopes imply others. */
export interface ImpliedScopes {
  /** Absent: none imply others. */
  readonly withImpliedScopes?: ((scopes: readonly string[]) => readonly string[]) | undefined;
}

/**
 * What a provider's token carries: its scopes, and those that they imply. Who may write may read, and need not be given
 * both.
 */
export function carriedScopes({ withImpliedScopes }: ImpliedScopes, scopes: readonly string[]): readonly string[] {
  return withImpliedScopes?.(scopes) ?? scopes;
}

/**
 * What a client may do: the scopes that the user approved for it and that the provider's token carries. Auth0's RBAC
 * puts all of a user's permissions into every token, so what the token carries alone is no grant to a client.
 */
export function effectiveScopes(consented: readonly string[], carried: readonly string[]): readonly string[] {
  return consented.filter((scope) => carried.includes(scope));
}

/** The scopes that the user approved and the provider did not grant. `offline_access` is none that a token carries. */
export function withheldScopes(consented: readonly string[], effective: readonly string[]): readonly string[] {
  return consented.filter((scope) => scope !== OFFLINE_ACCESS && !effective.includes(scope));
}
