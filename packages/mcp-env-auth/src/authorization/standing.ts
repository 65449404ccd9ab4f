import type { AccessRule } from "./access-rule.ts";
import type { Holdings } from "./holdings.ts";

/** How a caller stands to a rule. */
export type Standing =
  | { readonly kind: "allowed" }
  /** A login for more scopes is all that it takes. */
  | {
      readonly kind: "scopes";
      readonly missing: readonly string[];
      /** All that the rule asks for, held or not. */
      readonly needed: readonly string[];
    }
  /** A login for these scopes was tried, and the provider did not grant them. */
  | { readonly kind: "withheld"; readonly scopes: readonly string[] }
  /** Whatever the user lets the client do: the account lacks it. */
  | {
      readonly kind: "forbidden";
      /** What is missing, as the end of "needs …". */
      readonly lacking: string;
    };

const ALLOWED: Standing = { kind: "allowed" };

/** Judges the account before the scopes: nobody is sent to log in for what that can't give. */
export function standingOf(rule: AccessRule, holdings: Holdings): Standing {
  if (rule.forNobody) {
    return { kind: "forbidden", lacking: "a rule that allows it" };
  }
  const lacking = lackingOf(rule, holdings);
  if (lacking.length > 0) {
    return { kind: "forbidden", lacking: lacking.join(" and ") };
  }
  const needed = neededScopes(rule, holdings);
  const missing = needed.filter((scope) => !holdings.scopes.has(scope));
  const withheld = missing.filter((scope) => holdings.withheld.has(scope));
  if (withheld.length > 0) {
    return { kind: "withheld", scopes: withheld };
  }
  return missing.length === 0 ? ALLOWED : { kind: "scopes", missing, needed };
}

/**
 * Whether lists show it to this caller: all but what is hidden from those who lack scopes, and what the account lacks.
 */
export function isListed({ hidden }: AccessRule, { kind }: Standing): boolean {
  return kind === "allowed" || (kind !== "forbidden" && !hidden);
}

/** Whether it answers this caller as if it were not there. */
export function isConcealed({ hidden }: AccessRule, { kind }: Standing): boolean {
  return hidden && kind !== "allowed";
}

function lackingOf(rule: AccessRule, { permissions, roles, organization }: Holdings): string[] {
  const { requiredPermissions, requiredRoles, requiredOrganizations } = rule;
  const isMember = organization !== undefined && requiredOrganizations.includes(organization);
  return [
    ...listed(
      "permission",
      requiredPermissions.filter((permission) => !permissions.has(permission)),
    ),
    ...listed(
      "role",
      requiredRoles.filter((role) => !roles.has(role)),
    ),
    // The names of others' organizations are none of the caller's business.
    ...(requiredOrganizations.length === 0 || isMember ? [] : ["a login to an organization that may use it"]),
  ];
}

function listed(noun: string, missing: readonly string[]): string[] {
  if (missing.length === 0) {
    return [];
  }
  return [`the ${noun}${missing.length === 1 ? "" : "s"} ${missing.join(", ")}`];
}

/** Of scopes of which any will do, one that the caller has, else the first that a login may give. */
function neededScopes({ requiredScopes, anyScope }: AccessRule, { scopes, withheld }: Holdings): readonly string[] {
  const chosen =
    anyScope.find((scope) => scopes.has(scope)) ?? anyScope.find((scope) => !withheld.has(scope)) ?? anyScope[0];
  return chosen === undefined ? requiredScopes : [...requiredScopes, chosen];
}
