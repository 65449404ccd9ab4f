import { builtInProviders } from "../../configuration/built-in-providers.ts";
import { serverNameOf } from "../../env/common-names.ts";
import { createEnvironment, type Environment } from "../../env/environment.ts";
import { SERVER_AUTH, SERVER_PREFIX } from "../../env/server-settings.ts";
import { findUnknownVariables } from "../../env/unknown-variables.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import { FASTMCP_AUDIENCE } from "../../providers/fields/remote-fields.ts";
import { hasBrand, plainNameOf } from "../../providers/plain-names.ts";
import { knownProviders } from "../server-environment.ts";

/** The new name and value of a variable. */
export interface Rename {
  readonly variable: string;
  /** Converts a value, or its text in the file, to the value here; `undefined` if that is unknown. */
  convert(value: string): string | undefined;
  readonly isSame: boolean;
  /** `tutorial`: of a tutorial. `fastmcp`: of earlier releases or of habit. */
  readonly kind: "tutorial" | "fastmcp";
}

/** The changes that give a file the same meaning here: only known ones, no guesses. */
export interface MigrationPlan {
  /** By the names in the file. */
  readonly renames: ReadonlyMap<string, Rename>;
  /** FASTMCP_SERVER_AUTH, if the file does not set it and its other variables show the value. */
  readonly serverAuth: string | undefined;
  /** Names of which the file also sets the current variable, which takes precedence: by name, that variable. */
  readonly superfluous: ReadonlyMap<string, string>;
}

/** @param declaration the provider that the file names, or that its variables show */
export function planMigration(environment: Environment, declaration: ProviderDeclaration | undefined): MigrationPlan {
  const renames = new Map<string, Rename>();
  const superfluous = new Map<string, string>();
  const taken = new Set<string>();
  for (const [name, rename] of candidates(environment, declaration)) {
    if (environment.get(rename.variable) !== undefined || taken.has(rename.variable)) {
      superfluous.set(name, rename.variable);
    } else {
      taken.add(rename.variable);
      renames.set(name, rename);
    }
  }
  const isMissing = environment.get(SERVER_AUTH) === undefined && !taken.has(SERVER_AUTH);
  return { renames, superfluous, serverAuth: isMissing ? declaration?.classPath : undefined };
}

function candidates(environment: Environment, declaration: ProviderDeclaration | undefined): [string, Rename][] {
  const unknown = findUnknownVariables(environment, { selected: declaration, providers: knownProviders });
  const known: [string, Rename][] = unknown.flatMap(({ warning, meant, isSure }) =>
    warning.variable !== undefined && meant !== undefined && isSure ? [[warning.variable, sameAs(meant)]] : [],
  );
  const plain: [string, Rename][] = Array.from(environment.variables()).flatMap(({ name, value }) => {
    if (name.toUpperCase().startsWith(SERVER_PREFIX)) {
      return [];
    }
    const server = serverNameOf(name);
    if (server !== undefined) {
      return [[name, sameAs(server)]];
    }
    const found = declaration && plainNameOf(name, declaration);
    return found === undefined || value.trim() === "" ? [] : [[name, { ...found, kind: "tutorial" as const }]];
  });
  return [...known, ...plain];
}

function sameAs(variable: string): Rename {
  return { variable, convert: (value) => value, isSame: true, kind: "fastmcp" };
}

/** Returns the variables as they are after the plan. */
export function migratedEnvironment(
  environment: Environment,
  { renames, serverAuth }: MigrationPlan,
  file: { readonly path: string | undefined },
): Environment {
  const entries = Array.from(environment.variables()).flatMap(({ name, value }): [string, string][] => {
    const rename = renames.get(name);
    const converted = rename === undefined ? value : rename.convert(value);
    return converted === undefined ? [] : [[rename?.variable ?? name, converted]];
  });
  const unset = new Map(
    Array.from(environment.variables()).flatMap(({ name, unset: names }) =>
      names === undefined ? [] : [[renames.get(name)?.variable ?? name, names] as const],
    ),
  );
  const values = new Map(serverAuth === undefined ? entries : [...entries, [SERVER_AUTH, serverAuth]]);
  return createEnvironment({ processEnv: {}, cwd: environment.cwd, file: { path: file.path, values, unset } });
}

/**
 * The provider that a file is about, by the variables in it: FastMCP 2.12 and 2.13 read the choice from the process's
 * environment only, and tutorials set it in code. `undefined` if the variables fit none, or several.
 */
export function inferProvider(environment: Environment): ProviderDeclaration | undefined {
  // Other providers read that one as well.
  const names = Array.from(environment.variables(), ({ name }) => name.toUpperCase()).filter(
    (name) => name !== FASTMCP_AUDIENCE,
  );
  const declarations = builtInProviders.map(({ declaration }) => declaration);
  const onlyOne = (found: readonly ProviderDeclaration[]) => (found.length === 1 ? found[0] : undefined);
  const byPrefix = declarations.filter(({ prefix }) => names.some((name) => name.startsWith(prefix)));
  if (byPrefix.length > 0) {
    return onlyOne(byPrefix);
  }
  // A brand alone says little: a tutorial of anything may use GITHUB_TOKEN.
  const byBrand = declarations.filter((declaration) =>
    names.some((name) => hasBrand(name, declaration) && plainNameOf(name, declaration) !== undefined),
  );
  if (byBrand.length > 0) {
    return onlyOne(byBrand);
  }
  const values = Array.from(environment.variables(), ({ value }) => value);
  const isAuth0 = values.some((value) => /^(?:https:\/\/)?[\w.-]+\.auth0\.com\/?$/i.test(value.trim()));
  return isAuth0 ? declarations.find(({ prefix }) => prefix === "FASTMCP_SERVER_AUTH_AUTH0_") : undefined;
}
