import type { Operation } from "./operations.ts";
import { operationsIn } from "./operations.ts";
import { missingScopes } from "./scope.ts";

/** Who may use one registration. */
export interface AccessRule {
  /** Every one of these must be among the token's effective scopes. */
  readonly requiredScopes: readonly string[];
}

/** The rule of an operation; `undefined` for one that nobody registered, which is left to the protocol layer to refuse. */
export type AccessRules = (operation: Operation) => AccessRule | undefined;

/** Why a request is refused. */
export interface Denial {
  /** All scopes that the refused operations need, held or not: one challenge asks for all of them (MCP 2026-07-28, scope challenge handling). */
  readonly scopes: readonly string[];
  readonly description: string;
}

/** Judges every message of a request body. `undefined`: all of it is allowed. */
export function judge(body: unknown, rules: AccessRules, granted: readonly string[]): Denial | undefined {
  const refused = operationsIn(body).flatMap((operation) => {
    const needed = rules(operation)?.requiredScopes ?? [];
    const missing = missingScopes(needed, granted);
    return missing.length === 0 ? [] : [{ operation, needed, missing }];
  });
  const first = refused[0];
  if (first === undefined) return undefined;
  return {
    scopes: [...new Set(refused.flatMap(({ needed }) => needed))],
    description: `The ${first.operation.kind} ${first.operation.name} needs the scope ${first.missing.join(" ")}.`,
  };
}
