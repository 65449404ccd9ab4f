import type { AccessRule } from "../authorization/access-policy.ts";
import { isScopeToken } from "../authorization/scope.ts";
import { ConfigError } from "../errors.ts";

/** Who may use a registration; for servers with a provider only. */
export interface AccessRequirements {
  /** Scopes that the caller's token must carry, all of them. A caller without one gets a 403 challenge that asks for it. */
  readonly requiredScopes?: readonly string[];
  /** Scopes of which the caller's token must carry at least one. A caller without any is asked to get the first. */
  readonly anyScope?: readonly string[];
}

/** Takes our authorization fields out of a registration's configuration; the rest is the SDK's. */
export function splitRequirements<C extends AccessRequirements>(
  config: C,
): [AccessRequirements, Omit<C, keyof AccessRequirements>] {
  const { requiredScopes = [], anyScope = [], ...rest } = config;
  return [{ requiredScopes, anyScope }, rest];
}

/**
 * The rule of a registration.
 *
 * @param what the beginning of a sentence about it.
 * @throws ConfigError for a scope that is none.
 */
export function accessRule(what: string, { requiredScopes = [], anyScope = [] }: AccessRequirements): AccessRule {
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
