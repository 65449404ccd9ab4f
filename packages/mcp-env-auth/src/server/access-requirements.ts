import type { AccessRule } from "../authorization/access-policy.ts";
import { isScopeToken } from "../authorization/scope.ts";
import { nearest } from "../env/nearest.ts";
import { ConfigError } from "../errors.ts";

/** Who may use a registration; for servers with a provider only. */
export interface AccessRequirements {
  /** Scopes that the caller's token must carry, all of them. A caller without one gets a 403 challenge that asks for it. */
  readonly requiredScopes?: readonly string[];
  /** Scopes of which the caller's token must carry at least one. A caller without any is asked to get the first. */
  readonly anyScope?: readonly string[];
}

/** A registration's configuration as the SDK has it: without our authorization fields. */
export function withoutRequirements<C extends AccessRequirements>(config: C): Omit<C, keyof AccessRequirements> {
  const { requiredScopes: _all, anyScope: _any, ...rest } = config;
  return rest;
}

const FIELDS = ["requiredScopes", "anyScope"] satisfies (keyof AccessRequirements)[];

/** The SDK's own fields of a tool's or prompt's configuration. */
const SDK_FIELDS = [
  "title",
  "description",
  "inputSchema",
  "outputSchema",
  "argsSchema",
  "annotations",
  "icons",
  "_meta",
  "scopeChallenge",
];

/**
 * Refuses a configuration with a field that nobody knows: a misspelt `requiredScopes` would leave the registration open.
 *
 * @param what the beginning of a sentence about it.
 * @param open whether the SDK takes fields of any name, as it does for a resource's metadata; then only what is near to one of ours is refused.
 * @throws ConfigError
 */
export function checkFields(what: string, config: object, open = false): void {
  for (const field of Object.keys(config)) {
    if ((FIELDS as string[]).includes(field) || SDK_FIELDS.includes(field)) continue;
    const meant = nearest(field, FIELDS);
    if (open && meant === undefined) continue;
    const known = [...FIELDS, ...SDK_FIELDS].join(", ");
    throw new ConfigError(
      `${what} is registered with ${field}, which is no field. ${meant ? `Did you mean ${meant}?` : `There are ${known}.`}`,
    );
  }
}

/**
 * The rule of a registration.
 *
 * @param what the beginning of a sentence about it.
 * @throws ConfigError for a scope that is none.
 */
export function accessRule(what: string, { requiredScopes = [], anyScope = [] }: AccessRequirements): AccessRule {
  if (!Array.isArray(requiredScopes) || !Array.isArray(anyScope)) {
    throw new ConfigError(`${what} is registered with scopes that are no list. Write them as ["weather:read"].`);
  }
  const wrong = [...requiredScopes, ...anyScope].find((scope) => !isScopeToken(scope));
  if (wrong !== undefined) {
    throw new ConfigError(
      `${what} requires the scope ${JSON.stringify(wrong)}, which is no scope: one word without quotes or backslashes (RFC 6749 section 3.3).`,
    );
  }
  return { requiredScopes, anyScope };
}

/** Every scope that a rule names. */
export function scopesOf({ requiredScopes, anyScope }: AccessRule): readonly string[] {
  return [...requiredScopes, ...anyScope];
}

/** Whether only a server with a provider can keep the rule. */
export function isProtected(rule: AccessRule): boolean {
  return scopesOf(rule).length > 0;
}
