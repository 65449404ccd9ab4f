import { ConfigError, type ConfigProblem } from "../../errors.ts";
import { nearest } from "../../lib/nearest.ts";
import { isScopeToken } from "../../scope.ts";
import type { Registration } from "./registration.ts";

/** The scopes of a server's registrations: their names, or each with one sentence that says what it allows. */
export type DeclaredScopes = readonly string[] | Readonly<Record<string, string>>;

/** The names of declared scopes; any text, where the compiler knows no names. */
export type ScopeOf<Declared extends DeclaredScopes> = Declared extends readonly (infer Name extends string)[]
  ? Name
  : Extract<keyof Declared, string>;

/** Declared scopes, read. */
export interface ScopeDeclarations {
  /** `undefined`: nothing is declared, and registrations may name any scope. */
  readonly names: readonly string[] | undefined;
  /** What a scope allows, for people. Those that were declared without a sentence are missing. */
  readonly descriptions: ReadonlyMap<string, string>;
}

const MAX_DESCRIPTION_LENGTH = 200;
const EXAMPLE = 'as in scopes: { "weather:read": "Read the weather" }, or scopes: ["weather:read"]';

/**
 * Reads what `createServer()` or `protect()` was given as `scopes`.
 *
 * @throws ConfigError for a name that is not a scope (RFC 6749 section 3.3), or a description that is not one line of
 * at most 200 characters.
 */
export function readDeclaredScopes(declared: DeclaredScopes | undefined): ScopeDeclarations {
  if (declared === undefined) {
    return { names: undefined, descriptions: new Map() };
  }
  if (typeof declared !== "object" || declared === null) {
    throw new ConfigError(`scopes must be a list of scopes, or an object of scopes and descriptions, ${EXAMPLE}.`);
  }
  const described: readonly (readonly [unknown, unknown])[] = Array.isArray(declared)
    ? []
    : Object.entries(declared as Readonly<Record<string, unknown>>);
  const names: readonly unknown[] = Array.isArray(declared) ? declared : Object.keys(declared);
  const wrongName = names.find((name) => typeof name !== "string" || !isScopeToken(name));
  if (wrongName !== undefined || names.includes(undefined)) {
    throw new ConfigError(
      `scopes: ${JSON.stringify(wrongName)} is not a scope. Write one word without quotes or backslashes (RFC 6749 section 3.3), ${EXAMPLE}.`,
    );
  }
  const undescribed = described.find(([, description]) => !isDescription(description));
  if (undescribed !== undefined) {
    throw new ConfigError(
      `scopes: the description of ${undescribed[0]} must be one line of 1 to ${MAX_DESCRIPTION_LENGTH} characters, ${EXAMPLE}.`,
    );
  }
  return {
    names: names as readonly string[],
    descriptions: new Map(described as readonly (readonly [string, string])[]),
  };
}

function isDescription(value: unknown): boolean {
  return (
    typeof value === "string" &&
    value.trim() !== "" &&
    value.length <= MAX_DESCRIPTION_LENGTH &&
    !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)
  );
}

/** The compiler finds these in TypeScript, where it knows the declared names. */
export function undeclaredScopes(
  { names }: ScopeDeclarations,
  registrations: readonly Registration[],
  hierarchy: Readonly<Record<string, readonly string[]>>,
): ConfigProblem[] {
  if (names === undefined) {
    return [];
  }
  const uses = [
    ...registrations.flatMap(({ label, rule }) =>
      (["requiredScopes", "anyScope"] as const).flatMap((field) =>
        rule[field].map((scope) => ({ scope, where: `${label} has ${JSON.stringify(scope)} in ${field}` })),
      ),
    ),
    ...Object.entries(hierarchy)
      .flat(2)
      .map((scope) => ({ scope, where: `scopeHierarchy has ${JSON.stringify(scope)}` })),
  ];
  return uses
    .filter(({ scope }) => !names.includes(scope))
    .map(({ scope, where }) => {
      const meant = nearest(scope, names);
      const remedy = meant === undefined ? "Add it there." : `Did you mean ${meant}? Otherwise add it there.`;
      return { message: `${where}, which the scopes of createServer() don't list. ${remedy}` };
    });
}
