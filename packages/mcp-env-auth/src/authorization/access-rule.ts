/** Who may use one registration. An empty list asks for nothing. */
export interface AccessRule {
  /** The token must carry every one of these scopes. */
  readonly requiredScopes: readonly string[];
  /** And at least one of these. The first is what a caller without any is asked to get. */
  readonly anyScope: readonly string[];
  /** The user must have every one of these permissions. */
  readonly requiredPermissions: readonly string[];
  /** And every one of these roles. */
  readonly requiredRoles: readonly string[];
  /** And the token must be for one of these organizations. */
  readonly requiredOrganizations: readonly string[];
  /** Whether it answers those who may not use it as if it were not there. */
  readonly hidden: boolean;
  /** Whether nobody may use it. Default false. */
  readonly forNobody?: true;
}

/** The rule of what everyone with a good token may use. */
export const OPEN_RULE: AccessRule = {
  requiredScopes: [],
  anyScope: [],
  requiredPermissions: [],
  requiredRoles: [],
  requiredOrganizations: [],
  hidden: false,
};

/**
 * The rule of what everybody may use, also without a token. It counts by identity: a rule that is made from it, such as
 * by a policy file, needs a token.
 */
export const PUBLIC_RULE: AccessRule = { ...OPEN_RULE };

/** The rule of what nobody may use, and nobody learns of. */
export const NOBODY_RULE: AccessRule = { ...OPEN_RULE, hidden: true, forNobody: true };

/** Whether everyone with a good token may use it. */
export function isForAnyToken(rule: AccessRule): boolean {
  return rule === OPEN_RULE || rule === PUBLIC_RULE;
}

/** Every scope that a rule names. */
export function scopesOf({ requiredScopes, anyScope }: AccessRule): readonly string[] {
  return [...requiredScopes, ...anyScope];
}

/** Whether the rule asks for what no login for more scopes can give. */
export function goesByAccount(rule: AccessRule): boolean {
  return rule.requiredPermissions.length + rule.requiredRoles.length + rule.requiredOrganizations.length > 0;
}

/** Whether the rule asks for anything. */
export function isOpen(rule: AccessRule): boolean {
  return scopesOf(rule).length === 0 && !goesByAccount(rule);
}
