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
