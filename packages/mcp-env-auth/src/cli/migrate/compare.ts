import { builtInProviders } from "../../configuration/built-in-providers.ts";
import { providerCatalog } from "../../configuration/provider-catalog.ts";
import { resolveProvider } from "../../configuration/resolve-provider.ts";
import type { EnvFile } from "../../env/env-file.ts";
import { createEnvironment, type Environment } from "../../env/environment.ts";
import type { AnyField } from "../../env/field.ts";
import { readFields } from "../../env/read-fields.ts";
import { HARMLESS_VARIABLES, SERVER_PREFIX, type ServerSettings, serverFields } from "../../env/server-settings.ts";
import { findUnknownVariables, variablesOf } from "../../env/unknown-variables.ts";
import { variableName } from "../../env/variable-name.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import { FASTMCP_AUDIENCE } from "../../providers/fields/remote-fields.ts";
import { idleContext } from "../idle-context.ts";
import { isOfOtherProvider, knownProviders } from "../known-providers.ts";
import { PROVIDER_NOTES, SERVER_NOTES } from "./migration-notes.ts";

export type Verdict = "same" | "safer" | "no meaning" | "change";

/** What becomes of one variable of a FastMCP `.env`. */
export interface Comparison {
  readonly variable: string;
  readonly verdict: Verdict;
  /** Empty where there is nothing to say. */
  readonly note: string;
}

const SERVER_AUTH = "FASTMCP_SERVER_AUTH";

const DEFAULT_SETTINGS = readFields(serverFields, SERVER_PREFIX, createEnvironment({ processEnv: {}, cwd: "/" }))
  .values as ServerSettings;

/** Compares every `FASTMCP_` variable of a file, and those that are missing in it, with what they mean here. */
export async function compareFile(file: EnvFile, cwd: string): Promise<readonly Comparison[]> {
  const path = file.path ?? "";
  const environment = createEnvironment({ processEnv: {}, cwd, file: { path, values: file.values } });
  const { declaration, problems } = await examineProvider(environment);
  const server = readFields(serverFields, SERVER_PREFIX, environment);
  const faults = groupByVariable([...problems, ...server.problems, ...misspelt(environment, declaration)]);
  const names = [...environment.variables()].map(({ name }) => name).filter((name) => isFastMcp(name));
  const found = names.map((name) => compareVariable(name, faults, declaration));
  const missing = [...faults].filter(([variable]) => !names.some((name) => name.toUpperCase() === variable));
  return [...found, ...missing.map(([variable, note]) => ({ variable, verdict: "change" as const, note }))];
}

async function examineProvider(environment: Environment): Promise<{
  readonly declaration: ProviderDeclaration | undefined;
  readonly problems: readonly ConfigProblem[];
}> {
  const set = environment.get(SERVER_AUTH);
  if (set === undefined) {
    return inferProvider(environment);
  }
  try {
    const resolved = await resolveProvider(set.value, { providers: providerCatalog, cwd: environment.cwd });
    if (typeof resolved === "string" || "ready" in resolved) {
      return { declaration: undefined, problems: [] };
    }
    const { declaration } = resolved.declared;
    const { provider, problems } = resolved.declared.fromEnvironment(environment);
    return { declaration, problems: provider === undefined ? problems : await tryOut(provider, declaration) };
  } catch (error) {
    if (error instanceof ConfigError) {
      return { declaration: undefined, problems: error.problems };
    }
    throw error;
  }
}

/** What only shows when a server is put together with the provider. */
async function tryOut(provider: AuthProvider, { prefix }: ProviderDeclaration): Promise<readonly ConfigProblem[]> {
  try {
    await provider.authenticate(idleContext(DEFAULT_SETTINGS));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    return error.problems.map((problem) => nameVariable(problem, prefix));
  }
}

/** A message that begins with a setting's name is about its variable. */
function nameVariable(problem: ConfigProblem, prefix: string): ConfigProblem {
  const [, name, rest] = /^([A-Z_]+): (.*)$/s.exec(problem.message) ?? [];
  return name === undefined || rest === undefined ? problem : { variable: `${prefix}${name}`, message: rest };
}

/**
 * What the file is about, by the variables in it: FastMCP 2.12 and 2.13 read the choice from the process's environment
 * only.
 */
function inferProvider(environment: Environment): {
  readonly declaration: ProviderDeclaration | undefined;
  readonly problems: readonly ConfigProblem[];
} {
  // Other providers read that one, too.
  const names = Array.from(environment.variables(), ({ name }) => name.toUpperCase()).filter(
    (name) => name !== FASTMCP_AUDIENCE,
  );
  const meant = builtInProviders.filter(({ declaration }) => names.some((name) => name.startsWith(declaration.prefix)));
  const [only] = meant.length === 1 ? meant : [];
  const value = only === undefined ? "the provider's class path" : only.declaration.classPath;
  const message = `is not set in this file. FastMCP 2.12 and 2.13 read it from the process's environment only: set it here or there, to ${value}`;
  return {
    declaration: only?.declaration,
    problems: [{ variable: SERVER_AUTH, message }, ...(only?.fromEnvironment(environment).problems ?? [])],
  };
}

function misspelt(environment: Environment, declaration: ProviderDeclaration | undefined): ConfigProblem[] {
  return findUnknownVariables(environment, { selected: declaration, providers: knownProviders })
    .filter(({ warning }) => !isOfOtherProvider(warning.variable ?? "", declaration))
    .map(({ warning }) => warning);
}

function compareVariable(
  variable: string,
  faults: ReadonlyMap<string, string>,
  declaration: ProviderDeclaration | undefined,
): Comparison {
  const name = variable.toUpperCase();
  const fault = faults.get(name);
  if (fault !== undefined) {
    return { variable, verdict: "change", note: fault };
  }
  if (name === SERVER_AUTH) {
    return { variable, verdict: "same", note: declaration?.title ?? "" };
  }
  const field =
    declaration &&
    Object.keys(declaration.fields).find((each) => {
      const { prefix, fields } = declaration;
      return variablesOf(prefix, { [each]: fields[each] as AnyField }).includes(name);
    });
  if (field !== undefined) {
    return { variable, ...(PROVIDER_NOTES[field] ?? { verdict: "same", note: "" }) };
  }
  if (Object.keys(serverFields).some((each) => variableName(SERVER_PREFIX, each) === name)) {
    return { variable, verdict: "same", note: "" };
  }
  return { variable, verdict: "no meaning", note: explainMeaningless(name, declaration) };
}

function explainMeaningless(name: string, declaration: ProviderDeclaration | undefined): string {
  if (HARMLESS_VARIABLES.includes(name)) {
    return SERVER_NOTES[name.slice(SERVER_PREFIX.length)] ?? "It may stay.";
  }
  if (isOfOtherProvider(name, declaration)) {
    return "It belongs to a provider that is not used. Remove it.";
  }
  return "It is of a part of FastMCP that is not here. It may stay.";
}

function groupByVariable(problems: readonly ConfigProblem[]): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const { variable = SERVER_AUTH, message } of problems) {
    const name = variable.toUpperCase();
    const earlier = groups.get(name);
    groups.set(name, earlier === undefined ? capitalise(message) : `${earlier} ${capitalise(message)}`);
  }
  return groups;
}

function capitalise(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function isFastMcp(name: string): boolean {
  return name.toUpperCase().startsWith(SERVER_PREFIX);
}
