import { type Operation, operationsIn } from "./operations.ts";
import { impliedScopes, type ScopeHierarchy } from "./scope-hierarchy.ts";

/** Who may use one registration. */
export interface AccessRule {
  /** The token must carry every one of these. */
  readonly requiredScopes: readonly string[];
  /** And at least one of these, unless there are none. The first is what a caller without any is asked to get. */
  readonly anyScope: readonly string[];
}

/** The rule of an operation; `undefined` for one that nobody registered, which is left to the protocol layer to refuse. */
export type AccessRules = (operation: Operation) => AccessRule | undefined;

/** Why a request is refused. */
export interface Denial {
  /** All scopes that the refused operations need, held or not: one challenge asks for all of them (MCP 2026-07-28, scope challenge handling). */
  readonly scopes: readonly string[];
  readonly description: string;
}

/** Decides what a token's effective scopes are enough for. */
export interface AccessPolicy {
  /** Judges every message of a request body. `undefined`: all of it is allowed. */
  judge(body: unknown, granted: readonly string[]): Denial | undefined;
  /** What a rule asks for that `granted` neither holds nor implies. */
  missing(rule: AccessRule, granted: readonly string[]): readonly string[];
}

export function createAccessPolicy(rules: AccessRules, hierarchy: ScopeHierarchy = {}): AccessPolicy {
  return {
    judge(body, granted) {
      const held = impliedScopes(granted, hierarchy);
      const refused = operationsIn(body).flatMap((operation) => {
        const rule = rules(operation);
        const missing = rule === undefined ? [] : missingOf(rule, held);
        return rule === undefined || missing.length === 0
          ? []
          : [{ operation, needed: neededFor(rule, held), missing }];
      });
      const first = refused[0];
      if (first === undefined) return undefined;
      const { kind, name } = first.operation;
      return {
        scopes: [...new Set(refused.flatMap(({ needed }) => needed))],
        description: `The ${kind} ${name} needs the scope ${first.missing.join(" ")}.`,
      };
    },
    missing: (rule, granted) => missingOf(rule, impliedScopes(granted, hierarchy)),
  };
}

function missingOf({ requiredScopes, anyScope }: AccessRule, held: ReadonlySet<string>): readonly string[] {
  const missing = requiredScopes.filter((scope) => !held.has(scope));
  return anyScope.length === 0 || anyScope.some((scope) => held.has(scope)) ? missing : [...missing, anyScope[0] ?? ""];
}

function neededFor({ requiredScopes, anyScope }: AccessRule, held: ReadonlySet<string>): readonly string[] {
  const chosen = anyScope.find((scope) => held.has(scope)) ?? anyScope[0];
  return chosen === undefined ? requiredScopes : [...requiredScopes, chosen];
}
