import type { AccessToken } from "../access-token.ts";
import { type AccessRule, isForAnyToken } from "./access-rule.ts";
import { createHoldings, impliedScopes, type ScopeHierarchy } from "./holdings.ts";
import { type Operation, operationsIn } from "./operations.ts";
import { isConcealed, type Standing, standingOf } from "./standing.ts";

/**
 * The rule of an operation; `undefined` for one that nobody registered, which is left to the protocol layer to refuse.
 */
export type AccessRules = (operation: Operation) => AccessRule | undefined;

/** Why a request is refused. */
export type Denial =
  | {
      readonly kind: "scopes";
      /**
       * All scopes that the refused operations need, held or not: one challenge asks for all of them (MCP 2026-07-28,
       * scope challenge handling).
       */
      readonly scopes: readonly string[];
      readonly description: string;
    }
  | { readonly kind: "forbidden"; readonly description: string };

/** Decides what a token is enough for. */
export interface AccessPolicy {
  /**
   * Judges every message of a request body. `undefined`: all of it may go on to the protocol layer, which does not know
   * what is concealed from this caller.
   */
  judge(body: unknown, token: AccessToken): Denial | undefined;
  standing(rule: AccessRule, token: AccessToken): Standing;
  /** Of `scopes`, those that the token neither carries nor implies. */
  missing(scopes: readonly string[], token: AccessToken): readonly string[];
  /** `scopes` and all that they imply. */
  withImplied(scopes: readonly string[]): readonly string[];
}

interface Refused {
  readonly operation: Operation;
  readonly standing: Exclude<Standing, { readonly kind: "allowed" }>;
}

export function createAccessPolicy(rules: AccessRules, hierarchy: ScopeHierarchy = {}): AccessPolicy {
  const holdingsOf = createHoldings(hierarchy);
  const standing = (rule: AccessRule, token: AccessToken) => standingOf(rule, holdingsOf(token));

  function refusedIn(body: unknown, token: AccessToken): Refused[] {
    return operationsIn(body).flatMap((operation) => {
      const rule = rules(operation);
      if (rule === undefined || isForAnyToken(rule)) {
        return [];
      }
      const found = standing(rule, token);
      return found.kind === "allowed" || isConcealed(rule, found) ? [] : [{ operation, standing: found }];
    });
  }

  return {
    judge: (body, token) => denialOf(refusedIn(body, token)),
    standing,
    missing(scopes, token) {
      const held = holdingsOf(token).scopes;
      return scopes.filter((scope) => !held.has(scope));
    },
    withImplied: (scopes) => [...impliedScopes(scopes, hierarchy)],
  };
}

function denialOf(refused: readonly Refused[]): Denial | undefined {
  const inVain =
    refused.find(({ standing }) => standing.kind === "forbidden") ??
    refused.find(({ standing }) => standing.kind === "withheld");
  if (inVain !== undefined) {
    return { kind: "forbidden", description: describe(inVain) };
  }
  const [first] = refused;
  if (first === undefined) {
    return undefined;
  }
  const needed = refused.flatMap(({ standing }) => (standing.kind === "scopes" ? standing.needed : []));
  return { kind: "scopes", scopes: [...new Set(needed)], description: describe(first) };
}

function describe({ operation: { kind, name }, standing }: Refused): string {
  const subject = `The ${kind} ${name}`;
  switch (standing.kind) {
    case "scopes":
      return `${subject} needs the scope ${standing.missing.join(" ")}.`;
    case "withheld":
      return `${subject} needs the scope ${standing.scopes.join(" ")}, which the identity provider did not grant to this login. Ask whoever manages the account for it, then log in again.`;
    case "forbidden":
      return `${subject} needs ${standing.lacking}, which this login lacks and no further scope gives. Ask whoever manages the account.`;
  }
}
