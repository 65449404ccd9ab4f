import { type AccessRule, isOpen } from "../../authorization/access-rule.ts";
import type { ScopeHierarchy } from "../../authorization/holdings.ts";
import { type PolicyFile, policyProblem } from "../../authorization/policy-file.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";
import { isScopeToken } from "../../scope.ts";
import { applyPolicyFile } from "./apply-policy-file.ts";
import { type ScopeDeclarations, undeclaredScopes } from "./declared-scopes.ts";
import { createOffer, type Offer } from "./offer.ts";
import type { Registration } from "./registration.ts";
import type { Registrations } from "./registrations.ts";

/** What a server is made of in code. */
export interface OfferSource {
  readonly registrations: Registrations;
  readonly hierarchy: ScopeHierarchy;
  readonly scopes: ScopeDeclarations;
}

/** What its configuration says of it. */
export interface OfferContext {
  readonly policy: PolicyFile | undefined;
  /** `undefined`: nothing protects the server. */
  readonly provider: AuthProvider | undefined;
}

/**
 * What a server offers under the policy of its deployer. Takes no more registrations.
 *
 * @throws ConfigError with every problem at once.
 */
export function prepareOffer(source: OfferSource, { policy, provider }: OfferContext): Offer {
  const registrations = source.registrations.close();
  const { rules, problems } = applyPolicyFile(registrations, policy);
  const ruleOf = (registration: Registration) => rules.get(registration) ?? registration.rule;
  const hierarchyProblems = checkHierarchy(source.hierarchy);
  const all = [
    ...hierarchyProblems,
    ...undeclaredScopes(source.scopes, registrations, hierarchyProblems.length === 0 ? source.hierarchy : {}),
    ...problems.map(policyProblem),
    ...(provider === undefined
      ? []
      : [...checkHidden(registrations, ruleOf), ...checkSources(registrations, ruleOf, provider)]),
  ];
  if (all.length > 0) {
    throw new ConfigError(all);
  }
  return createOffer({
    registrations,
    ruleOf,
    hierarchy: source.hierarchy,
    declaredScopes: source.scopes.names ?? [],
    needsTokens: provider !== undefined,
  });
}

/** A text in the place of a list would make each of its letters a scope. */
function checkHierarchy(hierarchy: ScopeHierarchy): ConfigProblem[] {
  return Object.entries(hierarchy).flatMap(([scope, implied]: [string, unknown]) => {
    const isGood =
      Array.isArray(implied) && [scope, ...implied].every((name) => typeof name === "string" && isScopeToken(name));
    if (isGood) {
      return [];
    }
    const message = `scopeHierarchy: ${JSON.stringify(scope)} must be a scope, and what it implies a list of scopes, as in { "weather:admin": ["weather:write"] }.`;
    return [{ message }];
  });
}

/** What nothing is asked for is seen by everybody: whoever hides it expects something else. */
function checkHidden(
  registrations: readonly Registration[],
  ruleOf: (registration: Registration) => AccessRule,
): ConfigProblem[] {
  return registrations
    .filter((registration) => registration.rule.hidden && isOpen(ruleOf(registration)))
    .map(({ label }) => ({
      message: `${label} is hidden, and from nobody: that goes by scopes, permissions, roles and organizations, and it asks for none. Add one, or remove visibility.`,
    }));
}

/** Who has which role or permission and is in which organization must be known where one is required. */
function checkSources(
  registrations: readonly Registration[],
  ruleOf: (registration: Registration) => AccessRule,
  { roles, namesOrganizations, namesPermissions }: AuthProvider,
): ConfigProblem[] {
  const namesOf = (field: "requiredPermissions" | "requiredRoles" | "requiredOrganizations") =>
    registrations
      .filter((registration) => ruleOf(registration)[field].length > 0)
      .map(({ operation }) => operation.name)
      .join(", ");
  const problems: ConfigProblem[] = [];
  const byRole = namesOf("requiredRoles");
  if (byRole !== "" && !roles?.claim) {
    problems.push(describeUnknownRoles(byRole, roles));
  }
  const byPermission = namesOf("requiredPermissions");
  if (byPermission !== "" && namesPermissions === false) {
    problems.push({
      message: `${byPermission}: required permissions can't be enforced, since this provider tells none of its users. Ask for scopes in their place, decide with authorize, or use another provider.`,
    });
  }
  const byOrganization = namesOf("requiredOrganizations");
  if (byOrganization !== "" && namesOrganizations === false) {
    problems.push({
      message: `${byOrganization}: required organizations can't be enforced, since this provider's tokens name none. Remove them, or use another provider.`,
    });
  }
  return problems;
}

function describeUnknownRoles(names: string, roles: AuthProvider["roles"]): ConfigProblem {
  const what = `${names}: required roles can't be enforced, since nothing says which claim of the access token lists the user's roles.`;
  return roles === undefined
    ? { message: `${what} This provider says nothing of roles: give it \`roles\`, or remove them.` }
    : { variable: roles.setting, message: `is not set. ${what} Example: https://example.com/roles` };
}
