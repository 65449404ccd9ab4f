import { type AccessPolicy, type AccessRules, createAccessPolicy } from "../../authorization/access-policy.ts";
import { type AccessRule, OPEN_RULE, scopesOf } from "../../authorization/access-rule.ts";
import type { ScopeHierarchy } from "../../authorization/scope-hierarchy.ts";
import { MAX_NAME_LENGTH } from "../../http/request-limits.ts";
import type { Registration } from "./registration.ts";
import { createRuleLookup } from "./rule-lookup.ts";
import { uriLimit } from "./uri-limit.ts";

export interface OfferOptions {
  readonly registrations: readonly Registration[];
  /** The rule that each is served under: the code's own, or a narrower one. */
  readonly ruleOf: (registration: Registration) => AccessRule;
  readonly hierarchy: ScopeHierarchy;
}

/** A registration under the rule that it is served under. */
export interface Ruled {
  readonly registration: Registration;
  readonly rule: AccessRule;
}

/** What a server offers, and to whom: worked out once, for all requests. */
export interface Offer {
  readonly ruled: readonly Ruled[];
  /** Who may use what, judged before the SDK sees a request. */
  readonly policy: AccessPolicy;
  readonly rules: AccessRules;
  /** Every scope that a registration or the hierarchy names. */
  readonly scopes: readonly string[];
  /** Of those, the ones that a registration asks for. */
  readonly askedScopes: readonly string[];
  /** What registrations are called by: names, and the URIs of resources. */
  readonly names: readonly string[];
  /** How many characters of a URI can be matched against the templates in moments. */
  readonly maxUriLength: number;
  /** Whether a registration has a scope challenge of the SDK's. */
  readonly challenges: boolean;
  /** The registrations that only a server with a provider can protect. */
  readonly protectedNames: readonly string[];
}

/** Works out who may use what of the registrations. It takes no MCP SDK: the server listens before that is loaded. */
export function createOffer({ registrations, ruleOf, hierarchy }: OfferOptions): Offer {
  const ruled = registrations.map((registration) => ({ registration, rule: ruleOf(registration) }));
  const rules = createRuleLookup(ruled.map(({ registration, rule }) => ({ ...registration, rule })));
  const askedScopes = [...new Set(ruled.flatMap(({ rule }) => scopesOf(rule)))];
  const isProtected = ({ registration, rule }: Ruled) => rule !== OPEN_RULE || registration.authorize !== undefined;
  const namesOf = (chosen: readonly Ruled[]) => chosen.map(({ registration }) => registration.operation.name);
  const templates = ruled.filter(({ registration }) => registration.template !== undefined);
  return {
    ruled,
    policy: createAccessPolicy(rules, hierarchy),
    rules,
    askedScopes,
    scopes: [...new Set([...askedScopes, ...Object.entries(hierarchy).flat(2)])],
    names: namesOf(ruled),
    maxUriLength: uriLimit(namesOf(templates), MAX_NAME_LENGTH),
    challenges: registrations.some((registration) => registration.challenges),
    protectedNames: namesOf(ruled.filter(isProtected)),
  };
}
