import { type AccessPolicy, type AccessRules, createAccessPolicy } from "../../authorization/access-policy.ts";
import { type AccessRule, isForAnyToken, PUBLIC_RULE, scopesOf } from "../../authorization/access-rule.ts";
import type { ScopeHierarchy } from "../../authorization/holdings.ts";
import type { Operation } from "../../authorization/operations.ts";
import { MAX_NAME_LENGTH } from "../../http/request-limits.ts";
import type { Registration } from "./registration.ts";
import { createNameLookup, createRuleLookup } from "./rule-lookup.ts";
import { uriLimit } from "./uri-limit.ts";

export interface OfferOptions {
  readonly registrations: readonly Registration[];
  /** The rule that each is served under: the code's own, or a narrower one. */
  readonly ruleOf: (registration: Registration) => AccessRule;
  readonly hierarchy: ScopeHierarchy;
  /** Those that the server was created with: clients may ask for them, whether a registration does or not. */
  readonly declaredScopes?: readonly string[] | undefined;
  /** Whether a provider protects the server: without one, everybody may use all of it. */
  readonly needsTokens: boolean;
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
  /** Every scope that a registration or the hierarchy names, or that is declared. */
  readonly scopes: readonly string[];
  /** Of those, the ones that a registration asks for. */
  readonly askedScopes: readonly string[];
  /** What the registration of an operation is known by; `undefined` for what nobody registered. */
  readonly nameOf: (operation: Operation) => string | undefined;
  /** What registrations are called by: names, and the URIs of resources. */
  readonly names: readonly string[];
  /** How many characters of a URI can be matched against the templates in moments. */
  readonly maxUriLength: number;
  /** Whether a registration has a scope challenge of the SDK's. */
  readonly challenges: boolean;
  /** The registrations that callers without a token may use, where others need one. Empty: none, or all of them. */
  readonly publicNames: readonly string[];
  /** The registrations that only a server with a provider can protect. */
  readonly protectedNames: readonly string[];
}

/** Works out who may use what of the registrations. It takes no MCP SDK: the server listens before that is loaded. */
export function createOffer(options: OfferOptions): Offer {
  const { registrations, ruleOf, hierarchy, declaredScopes = [], needsTokens } = options;
  const ruled = registrations.map((registration) => ({ registration, rule: ruleOf(registration) }));
  const registered = ruled.map(({ registration, rule }) => ({ ...registration, rule }));
  const rules = createRuleLookup(registered);
  const askedScopes = [...new Set(ruled.flatMap(({ rule }) => scopesOf(rule)))];
  const isProtected = ({ registration, rule }: Ruled) => !isForAnyToken(rule) || registration.authorize !== undefined;
  const namesOf = (chosen: readonly Ruled[]) => chosen.map(({ registration }) => registration.operation.name);
  const templates = ruled.filter(({ registration }) => registration.template !== undefined);
  const maxUriLength = uriLimit(namesOf(templates), MAX_NAME_LENGTH);
  return {
    ruled,
    policy: createAccessPolicy(rules, hierarchy),
    rules,
    nameOf: createNameLookup(registered, maxUriLength),
    askedScopes,
    scopes: [...new Set([...askedScopes, ...Object.entries(hierarchy).flat(2), ...declaredScopes])],
    names: namesOf(ruled),
    maxUriLength,
    challenges: registrations.some((registration) => registration.challenges),
    publicNames: needsTokens ? namesOf(ruled.filter(({ rule }) => rule === PUBLIC_RULE)) : [],
    protectedNames: namesOf(ruled.filter(isProtected)),
  };
}
