import type { AccessToken } from "../access-token.ts";

/** What a caller has, ready to be looked up. */
export interface Holdings {
  /** The token's effective scopes and all that they imply. */
  readonly scopes: ReadonlySet<string>;
  /** Those that were asked for at the login in vain. */
  readonly withheld: ReadonlySet<string>;
  /** What the user may do by the provider's `permissions` claim, whatever this client was given. */
  readonly permissions: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly organization: string | undefined;
}

/** Finds what a token's bearer has, once for each token. */
export function createHoldings(hierarchy: ScopeHierarchy): (token: AccessToken) => Holdings {
  const known = new WeakMap<AccessToken, Holdings>();
  return (token) => {
    const found = known.get(token);
    if (found !== undefined) {
      return found;
    }
    const holdings = {
      scopes: impliedScopes(token.scopes, hierarchy),
      withheld: new Set(token.withheldScopes),
      permissions: new Set(permissionsIn(token.claims)),
      roles: new Set(token.roles),
      organization: token.organization,
    };
    known.set(token, holdings);
    return holdings;
  };
}

/** Auth0's `permissions` claim (RBAC, "Add Permissions in the Access Token"): a list; others write it with spaces. */
function permissionsIn(claims: AccessToken["claims"]): readonly string[] {
  const claim = Object.hasOwn(claims, "permissions") ? claims.permissions : undefined;
  const listed = typeof claim === "string" ? claim.split(" ") : claim;
  return Array.isArray(listed) ? listed.filter((entry) => typeof entry === "string" && entry !== "") : [];
}

/** Which scopes imply others: `{ "weather:admin": ["weather:write"], "weather:write": ["weather:read"] }`. */
export type ScopeHierarchy = Readonly<Record<string, readonly string[]>>;

/**
 * `granted` and all that it implies, directly and through others (MCP 2026-07-28: a server accounts for scope
 * hierarchies).
 */
export function impliedScopes(granted: Iterable<string>, hierarchy: ScopeHierarchy): ReadonlySet<string> {
  const held = new Set(granted);
  // A Set's iterator goes on to what is added meanwhile, and visits each scope once: cycles end.
  for (const scope of held) {
    const implied = Object.hasOwn(hierarchy, scope) ? (hierarchy[scope] ?? []) : [];
    for (const other of implied) {
      held.add(other);
    }
  }
  return held;
}
