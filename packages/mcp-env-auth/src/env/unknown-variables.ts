import type { ConfigProblem } from "../errors.ts";
import { nearest } from "../lib/nearest.ts";
import { commonNameOf } from "./common-names.ts";
import { ENV_FILE_VARIABLE } from "./env-file.ts";
import type { Environment } from "./environment.ts";
import { type Fields, secretFileVariable, variableName } from "./field.ts";
import { namesNothing } from "./list-fields.ts";
import { HARMLESS_VARIABLES, HIDING_VARIABLES, SERVER_PREFIX, serverFields } from "./server-settings.ts";

/** The variables of one provider. */
export interface VariableFamily {
  readonly title: string;
  readonly prefix: string;
  readonly fields: Fields;
}

export interface KnownVariables {
  /** The provider that is used, where it reads variables. */
  readonly selected: VariableFamily | undefined;
  /** All providers, with what their variables start with. */
  readonly providers: readonly { readonly title: string; readonly prefix?: string }[];
}

// FastMCP's nested settings, such as FASTMCP_DOCKET__URL, are of parts that are not here.
const FOREIGN_PARTS = /^FASTMCP_(?:DOCKET|EXPERIMENTAL)__/;

/** A variable that nothing reads. */
export interface UnknownVariable {
  readonly warning: ConfigProblem;
  /** The variable that was probably meant. */
  readonly meant: string | undefined;
  /** Whether that is known, and not guessed by its letters. */
  readonly isSure: boolean;
}

/** Finds `FASTMCP_` variables that nothing reads: FastMCP is silent about a misspelt name. */
export function findUnknownVariables(
  environment: Environment,
  { selected, providers }: KnownVariables,
): UnknownVariable[] {
  const own = [
    ...variablesOf(SERVER_PREFIX, serverFields),
    ...(selected === undefined ? [] : variablesOf(selected.prefix, selected.fields)),
  ];
  const known = new Set([...own, ENV_FILE_VARIABLE, ...HARMLESS_VARIABLES]);
  const suggestions = [...own, ENV_FILE_VARIABLE];
  return Array.from(environment.variables())
    .filter(({ name }) => isUnknown(name.toUpperCase(), known))
    .flatMap(({ name, value }) => {
      const hidden = HIDING_VARIABLES.get(name.toUpperCase());
      if (hidden !== undefined) {
        return namesNothing(value)
          ? []
          : [{ warning: { variable: name, message: hidden }, meant: undefined, isSure: true }];
      }
      const owner = providers.find(
        ({ prefix }) => prefix !== undefined && prefix !== selected?.prefix && name.toUpperCase().startsWith(prefix),
      );
      return owner === undefined
        ? misspelt(name, suggestions, commonNameOf(name, suggestions, selected?.prefix))
        : foreign(name, owner.title, selected);
    });
}

/** The names of `fields` under `prefix`, those for secrets in files and other names included. */
export function variablesOf(prefix: string, fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, { secret, alias }]) => {
    const variable = variableName(prefix, name);
    return [variable, ...(secret ? [secretFileVariable(variable)] : []), ...(alias === undefined ? [] : [alias])];
  });
}

function isUnknown(name: string, known: ReadonlySet<string>): boolean {
  return name.startsWith(SERVER_PREFIX) && !known.has(name) && !FOREIGN_PARTS.test(name);
}

function misspelt(name: string, suggestions: readonly string[], common: string | undefined): UnknownVariable {
  // The spelling of FastMCP before 2.14.
  const legacy = name.toUpperCase().replace(/^FASTMCP_SERVER_/, SERVER_PREFIX);
  const known = suggestions.find((suggestion) => suggestion === legacy) ?? common;
  const meant = known ?? nearest(name, suggestions);
  const advice = meant === undefined ? "Correct its name or remove it." : `Did you mean ${meant}?`;
  return {
    warning: { variable: name, message: `is not a variable of this server, and nothing reads it. ${advice}` },
    meant,
    isSure: known !== undefined,
  };
}

function foreign(name: string, title: string, selected: VariableFamily | undefined): UnknownVariable {
  const used = selected === undefined ? "the server does not use it" : `the server uses ${selected.title}`;
  return {
    warning: {
      variable: name,
      message: `belongs to ${title}, and ${used}: nothing reads it. Remove it, or change FASTMCP_SERVER_AUTH.`,
    },
    meant: undefined,
    isSure: false,
  };
}
