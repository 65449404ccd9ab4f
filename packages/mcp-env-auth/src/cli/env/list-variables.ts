import type { Environment } from "../../env/environment.ts";
import { type AnyField, type Fields, variableName } from "../../env/field.ts";
import { readFields } from "../../env/read-fields.ts";
import { createRedactor } from "../../env/redaction.ts";
import { SERVER_AUTH, SERVER_PREFIX, serverFields } from "../../env/server-settings.ts";
import { standardOrigins, standardSecrets, standardVariables } from "../../env/standard-variables.ts";
import { printable } from "../../env/terminal-text.ts";
import { describePlace, originOf, type VariableOrigin } from "../../env/variable-origin.ts";
import { ConfigError, type ConfigProblem } from "../../errors.ts";
import type { DeclaredProvider } from "../../providers/declaration.ts";
import type { CliContext } from "../command.ts";
import { findProvider, readServerEnvironment } from "../server-environment.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { formatExample } from "./example.ts";
import { redactStrings, toEntry, type VariableEntry, type VariableList } from "./variable-list.ts";

export interface ListVariablesOptions {
  /** As in FASTMCP_SERVER_AUTH. Default: the one that it names. */
  readonly provider: string | undefined;
  /** A `.env` to fill in, in place of the list. */
  readonly example: boolean;
  /** The list as JSON. */
  readonly json: boolean;
}

/** The command `env`. */
export async function listVariables(options: ListVariablesOptions, context: CliContext): Promise<number> {
  const { environment } = readServerEnvironment(context);
  const provider = await chooseProvider(options, environment);
  if (options.example) {
    context.stdout.write(formatExample(provider));
  } else if (options.json) {
    context.stdout.write(`${JSON.stringify(describeAsJson(provider, environment), undefined, 2)}\n`);
  } else {
    context.stdout.write(formatVariables(provider, environment, createTerminal(context.stdout, context.env)));
  }
  return 0;
}

function describeAsJson(provider: DeclaredProvider | undefined, environment: Environment): VariableList {
  const families = [
    ...(provider === undefined ? [] : [{ group: "provider" as const, ...describeProvider(provider, environment) }]),
    { group: "server" as const, ...describeServer(environment) },
  ];
  const secrets = [...families.flatMap((family) => family.secrets), ...standardSecrets(environment)];
  const list: VariableList = {
    provider: provider === undefined ? null : { ...pick(provider) },
    variables: [
      ...families.flatMap((family) => describeEntries(family.group, family, environment)),
      ...describeStandardEntries(environment),
    ],
  };
  return redactStrings(list, createRedactor(secrets));
}

function pick({ declaration: { title, classPath } }: DeclaredProvider): { title: string; classPath: string } {
  return { title, classPath };
}

function describeEntries(
  group: "provider" | "server",
  { prefix, fields, origins, problems }: Family,
  environment: Environment,
): VariableEntry[] {
  return Object.entries(fields).map(([name, field]) => {
    const variable = variableName(prefix, name);
    const origin = origins.find((each) => isOf(each, variable, field)) ?? asWritten(variable, field, environment);
    const problem = problems.find((each) => each.variable === variable || each.variable === origin?.variable)?.message;
    return toEntry({ group, variable, field, origin, problem });
  });
}

function describeStandardEntries(environment: Environment): VariableEntry[] {
  const origins = standardOrigins(environment);
  return standardVariables.map(({ name, description, secretsIn }) => {
    const origin = origins.find(({ variable }) => variable === name);
    const field = { secret: secretsIn !== undefined, presence: "optional" as const, description };
    return toEntry({ group: "standard", variable: name, field, origin, problem: undefined });
  });
}

async function chooseProvider(
  { provider, example }: ListVariablesOptions,
  environment: Environment,
): Promise<DeclaredProvider | undefined> {
  const name = environment.get(SERVER_AUTH)?.value;
  if (provider !== undefined) {
    return findNamed(provider, environment.cwd);
  }
  if (name !== undefined) {
    return findProvider(name, environment.cwd);
  }
  if (!example) {
    return undefined;
  }
  throw new ConfigError([
    {
      variable: SERVER_AUTH,
      message: "is not set. Name a provider, as in mcp-env-auth env --example --provider auth0",
    },
  ]);
}

/** A provider that the command line names, not the environment. */
async function findNamed(name: string, cwd: string): Promise<DeclaredProvider | undefined> {
  try {
    return await findProvider(name, cwd);
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    throw new ConfigError(error.problems.map(({ message }) => ({ variable: `--provider ${name}`, message })));
  }
}

function formatVariables(provider: DeclaredProvider | undefined, environment: Environment, terminal: Terminal): string {
  const families = [
    ...(provider === undefined ? [] : [describeProvider(provider, environment)]),
    describeServer(environment),
  ];
  const readings = [
    ...families.map((family) => ({ ...family, rows: describeRows(family, environment) })),
    ...describeStandard(environment),
  ];
  const { redactText } = createRedactor(readings.flatMap(({ secrets }) => secrets));
  const lines = formatTable(readings.flatMap(({ rows }) => rows)).map(redactText);
  const sections = readings.map(({ title, rows }) => [
    terminal.style("bold", title),
    ...lines.splice(0, rows.length).map((line) => `  ${line}`),
  ]);
  const unusable = readings
    .flatMap(({ problems }) => problems)
    .filter(({ variable = "" }) => environment.get(variable) !== undefined);
  const advice =
    unusable.length === 0 ? [] : ["Some values can't be used: mcp-env-auth doctor says which, and why.", ""];
  return `${[...sections.flatMap((section) => [...section, ""]), ...advice].join("\n")}`;
}

interface Family {
  readonly title: string;
  readonly prefix: string;
  readonly fields: Fields;
  readonly origins: readonly VariableOrigin[];
  readonly problems: readonly ConfigProblem[];
  readonly secrets: readonly string[];
}

function describeProvider(provider: DeclaredProvider, environment: Environment): Family {
  const { title, classPath, prefix, fields } = provider.declaration;
  return { ...provider.fromEnvironment(environment), title: `${title} (${classPath})`, prefix, fields };
}

/** Variables with names that are not ours, where any is set. */
function describeStandard(environment: Environment) {
  const origins = standardOrigins(environment);
  const rows = origins.map((origin) => [origin.variable, origin.value, describeSource(origin)]);
  const title = "Names that are not ours";
  return rows.length === 0 ? [] : [{ title, rows, problems: [], secrets: standardSecrets(environment) }];
}

function describeServer(environment: Environment): Family {
  const reading = readFields(serverFields, SERVER_PREFIX, environment);
  return { ...reading, title: "The server", prefix: SERVER_PREFIX, fields: serverFields };
}

function describeRows({ prefix, fields, origins, problems }: Family, environment: Environment): string[][] {
  return Object.entries(fields).map(([name, field]) => {
    const variable = variableName(prefix, name);
    const origin = origins.find((each) => isOf(each, variable, field)) ?? asWritten(variable, field, environment);
    if (origin !== undefined) {
      return [variable, origin.value === "" ? '""' : origin.value, describeSource(origin, variable)];
    }
    const isMissing = problems.some((problem) => problem.variable === variable);
    return [variable, "-", isMissing ? "not set, and required" : "not set"];
  });
}

/** By its own name, or by its other one. */
function isOf(origin: VariableOrigin, variable: string, { alias }: AnyField): boolean {
  return origin.variable === variable || (alias !== undefined && origin.variable === alias);
}

/** A variable with a value that can't be used. */
function asWritten(
  variable: string,
  { alias = variable, secret }: AnyField,
  environment: Environment,
): VariableOrigin | undefined {
  const name = environment.get(variable) === undefined ? alias : variable;
  const set = environment.get(name);
  return set && originOf(name, set.source, { value: set.value, secret });
}

function describeSource({ variable, source }: VariableOrigin, shown = variable): string {
  const place = describePlace(source);
  return variable === shown || source.kind === "default" ? place : `${variable}, ${place}`;
}

/** Rows in aligned columns, two spaces apart. The last column is not padded; a line break in a cell is a space. */
function formatTable(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(printable));
  const widths = Array.from({ length: Math.max(0, ...cells.map((row) => row.length)) }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
