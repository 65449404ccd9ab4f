import { type AccessRule, isOpen } from "../../authorization/access-rule.ts";
import type { ScopeHierarchy } from "../../authorization/holdings.ts";
import { type PolicyFile, policyProblem } from "../../authorization/policy-file.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";
import { isScopeToken } from "../../scope.ts";
import { applyPolicyFile } from "./apply-policy-file.ts";
import { checkSources } from "./check-sources.ts";
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

const GATEWAY_ONLY =
  "$.default is for the gateway alone. Here the code says who may use what no rule names. Remove it.";

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
    ...(policy?.default === undefined ? [] : [policyProblem(GATEWAY_ONLY)]),
    ...(provider === undefined
      ? []
      : [
          ...checkHidden(registrations, ruleOf),
          ...checkSources(
            registrations.map((one) => ({ name: one.operation.name, rule: ruleOf(one) })),
            provider,
          ),
        ]),
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
