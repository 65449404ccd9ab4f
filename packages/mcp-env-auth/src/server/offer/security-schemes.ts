import { type AccessRule, PUBLIC_RULE } from "../../authorization/access-rule.ts";
import type { Ruled } from "./offer.ts";

/** How a tool may be called, as ChatGPT reads it (Apps SDK, Authentication). */
export type SecurityScheme = { readonly type: "noauth" } | { readonly type: "oauth2"; readonly scopes: string[] };

/**
 * The security schemes of each tool, by its rule: nothing for what is public, else a login with the scopes that every
 * token needs and those that the rule asks for. Of scopes of which any will do, the first. Permissions, roles and
 * organizations stand nowhere: no login gives them.
 *
 * @param requiredScopes what every token must carry.
 */
export function createSecuritySchemes(
  ruled: readonly Ruled[],
  requiredScopes: readonly string[],
): (tool: string) => readonly SecurityScheme[] {
  const schemes = new Map<string, readonly SecurityScheme[]>();
  for (const { registration, rule } of ruled) {
    if (registration.operation.kind === "tool") {
      schemes.set(registration.name, [schemeOf(rule, requiredScopes)]);
    }
  }
  return (tool) => schemes.get(tool) ?? [];
}

/** The scheme of one tool. */
export function schemeOf(rule: AccessRule, requiredScopes: readonly string[]): SecurityScheme {
  const scopes = [...new Set([...requiredScopes, ...rule.requiredScopes, ...rule.anyScope.slice(0, 1)])];
  return rule === PUBLIC_RULE ? { type: "noauth" } : { type: "oauth2", scopes };
}
