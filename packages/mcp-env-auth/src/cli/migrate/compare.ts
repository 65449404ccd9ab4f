import { providerCatalog } from "../../configuration/provider-catalog.ts";
import { resolveProvider } from "../../configuration/resolve-provider.ts";
import type { EnvFile } from "../../env/env-file.ts";
import { createEnvironment, type Environment, type EnvironmentVariable } from "../../env/environment.ts";
import { type AnyField, variableName } from "../../env/field.ts";
import { readFields } from "../../env/read-fields.ts";
import {
  HARMLESS_VARIABLES,
  SERVER_AUTH,
  SERVER_PREFIX,
  type ServerSettings,
  serverFields,
} from "../../env/server-settings.ts";
import { findUnknownVariables, variablesOf } from "../../env/unknown-variables.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { AuthProvider } from "../../providers/auth-provider.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import { idleContext } from "../idle-context.ts";
import { isOfOtherProvider, knownProviders } from "../server-environment.ts";
import { changedMeaning, PROVIDER_NOTES, SERVER_NOTES } from "./migration-notes.ts";
import {
  inferProvider,
  type MigrationPlan,
  migratedEnvironment,
  planMigration,
  type Rename,
} from "./migration-plan.ts";

export type Verdict = "same" | "safer" | "no meaning" | "change";

/** What becomes of one variable of a FastMCP `.env`. */
export interface Comparison {
  readonly variable: string;
  readonly verdict: Verdict;
  /** Empty where there is nothing to say. */
  readonly note: string;
}

const DEFAULT_SETTINGS = readFields(serverFields, SERVER_PREFIX, createEnvironment({ processEnv: {}, cwd: "/" }))
  .values as ServerSettings;

/** The result of comparing a file. */
export interface FileComparison {
  readonly comparisons: readonly Comparison[];
  /** The known changes that give the file the same meaning here. */
  readonly plan: MigrationPlan;
  /** The comparisons of the file after the plan. */
  readonly remaining: readonly Comparison[];
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
}

/**
 * Compares every `FASTMCP_` variable of a file, those by other names, and those that are missing in it, with what they
 * mean here.
 */
export async function compareFile(
  file: Pick<EnvFile, "path" | "values" | "unset">,
  cwd: string,
): Promise<FileComparison> {
  const environment = createEnvironment({ processEnv: {}, cwd, file });
  const plan = planMigration(environment, await declarationIn(environment));
  const migrated = migratedEnvironment(environment, plan, file);
  const { declaration, problems, secrets } = await examineProvider(migrated);
  const server = readFields(serverFields, SERVER_PREFIX, migrated);
  const faults = groupByVariable([...problems, ...server.problems, ...misspelt(migrated, declaration)]);
  const variables = [...environment.variables()].filter(
    ({ name }) => isFastMcp(name) || plan.renames.has(name) || plan.superfluous.has(name),
  );
  const found = variables.map((variable) => compareVariable(variable, { faults, declaration, plan }));
  const missing = [...faults].filter(([name]) => migrated.get(name) === undefined);
  const serverAuth: Comparison[] =
    plan.serverAuth === undefined
      ? []
      : [{ variable: SERVER_AUTH, verdict: "change", note: describeServerAuth(plan.serverAuth) }];
  const absent = missing.map(([variable, note]): Comparison => ({ variable, verdict: "change", note }));
  const context = { faults, declaration, plan: NOTHING_TO_DO };
  const remaining = [...migrated.variables()]
    .filter(({ name }) => isFastMcp(name))
    .map((variable) => compareVariable(variable, context));
  return {
    comparisons: [...found, ...serverAuth, ...absent],
    plan,
    remaining: [...remaining, ...absent],
    secrets: [...server.secrets, ...secrets],
  };
}

const NOTHING_TO_DO: MigrationPlan = { renames: new Map(), superfluous: new Map(), serverAuth: undefined };

/** The provider that the file names, or else shows. */
async function declarationIn(environment: Environment): Promise<ProviderDeclaration | undefined> {
  const set = environment.get(SERVER_AUTH);
  if (set === undefined) {
    return inferProvider(environment);
  }
  return (await examineProvider(environment)).declaration;
}

function describeServerAuth(value: string): string {
  return `Is not set in this file. FastMCP 2.12 and 2.13 read it only from the process's environment, and tutorials set it in code. Set it in this file or in the process's environment, to ${value}`;
}

const NO_PROVIDER =
  "is not set in this file, and its variables do not show which provider it is for. Set it to the provider's class path.";

async function examineProvider(environment: Environment): Promise<{
  readonly declaration: ProviderDeclaration | undefined;
  readonly problems: readonly ConfigProblem[];
  readonly secrets: readonly string[];
}> {
  const set = environment.get(SERVER_AUTH);
  if (set === undefined) {
    return { declaration: undefined, problems: [{ variable: SERVER_AUTH, message: NO_PROVIDER }], secrets: [] };
  }
  try {
    const resolved = await resolveProvider(set.value, { providers: providerCatalog, cwd: environment.cwd });
    if (typeof resolved === "string" || "ready" in resolved) {
      return { declaration: undefined, problems: [], secrets: [] };
    }
    const { declaration } = resolved.declared;
    const { provider, problems, secrets } = resolved.declared.fromEnvironment(environment);
    return { declaration, secrets, problems: provider === undefined ? problems : await tryOut(provider, declaration) };
  } catch (error) {
    if (error instanceof ConfigError) {
      return { declaration: undefined, problems: error.problems, secrets: [] };
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

function misspelt(environment: Environment, declaration: ProviderDeclaration | undefined): ConfigProblem[] {
  return findUnknownVariables(environment, { selected: declaration, providers: knownProviders })
    .filter(({ warning }) => !isOfOtherProvider(warning.variable ?? "", declaration))
    .map(({ warning }) => warning);
}

interface ComparisonContext {
  readonly faults: ReadonlyMap<string, string>;
  readonly declaration: ProviderDeclaration | undefined;
  readonly plan: MigrationPlan;
}

function compareVariable(
  { name: variable, value }: EnvironmentVariable,
  { faults, declaration, plan }: ComparisonContext,
): Comparison {
  const name = variable.toUpperCase();
  const rename = plan.renames.get(variable);
  if (rename !== undefined) {
    return { variable, verdict: "change", note: describeRename(rename, value, faults.get(rename.variable)) };
  }
  const counts = plan.superfluous.get(variable);
  if (counts !== undefined) {
    return { variable, verdict: "no meaning", note: `${counts} is also set, and takes precedence. Remove this one.` };
  }
  const fault = faults.get(name);
  if (fault !== undefined) {
    return { variable, verdict: "change", note: fault };
  }
  const changed = changedMeaning(name, value);
  if (changed !== undefined) {
    return { variable, verdict: "change", note: changed };
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

function describeRename({ variable, convert, isSame, kind }: Rename, value: string, fault: string | undefined): string {
  const converted = isSame ? undefined : convert(value);
  const what = converted === undefined ? `Write ${variable}.` : `Write ${variable}=${converted}`;
  const whose =
    kind === "tutorial"
      ? "Tutorials use this name, and this server does not read it."
      : "This server does not read this name.";
  return [whose, what, ...(fault === undefined ? [] : [fault])].join(" ");
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
