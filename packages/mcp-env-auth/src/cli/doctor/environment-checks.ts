import { hostingPlatform } from "../../env/hosting-platform.ts";
import type { ConfigProblem } from "../../errors.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import { isOfOtherProvider, type ServerEnvironment } from "../server-environment.ts";
import { failure, fromStart, type Observation, ok, warning } from "./finding.ts";
import type { Subject } from "./subject.ts";

/** Which env file there is, and how many variables come from it. */
export function checkEnvFile({ file, environment }: ServerEnvironment, cwd: string): Observation[] {
  const sources = [...environment.variables()].filter(({ name }) => name.toUpperCase().startsWith("FASTMCP_"));
  const fromFile = sources.filter(({ source }) => source.kind === "file").length;
  const fromProcess = sources.filter(({ source }) => source.kind === "process").length;
  const warnings = file.warnings.map(({ variable, message }) => warning(sentence(variable, message)));
  if (file.path !== undefined) {
    const others = fromProcess === 0 ? "" : `; ${count(fromProcess)} from the process's environment, which wins`;
    return [ok(`${count(fromFile)} from ${file.path}${others}.`), ...warnings];
  }
  if (fromProcess > 0) {
    return [ok(`No env file; ${count(fromProcess)} from the process's environment.`)];
  }
  return [
    failure(
      `There is no .env in ${cwd}, and no FASTMCP_ variable in the process's environment.`,
      "Run this where the server runs, name the file by FASTMCP_ENV_FILE, or write one: mcp-env-auth env --example --provider auth0 > .env",
    ),
  ];
}

/** On a known hosting platform, where the server listens. What is odd about that is a warning of the start. */
export function checkPlatform({ environment, server }: Pick<ServerEnvironment, "environment" | "server">) {
  const found = hostingPlatform(environment);
  const { host, port, transport } = server.values;
  if (found === undefined || host === undefined || port === undefined || transport === "stdio") {
    return [];
  }
  const from = environment.get("FASTMCP_PORT")?.source.kind === "platform" ? ", the port from PORT" : "";
  return [ok(`${found.title} (${found.marker} is set): the server listens on ${host}:${port}${from}.`)];
}

export interface VariablesVerdict {
  /** What the declaration and the server's settings object to. */
  readonly problems: readonly ConfigProblem[];
  /** Variables that nothing reads. */
  readonly unknown: readonly ConfigProblem[];
  readonly declaration: ProviderDeclaration | undefined;
  /** How many variables have a value. */
  readonly count: number;
}

/** What is wrong with the variables. A misspelt name only warns at the start, and fails here. */
export function checkVariables({ problems, unknown, declaration, count }: VariablesVerdict): Observation[] {
  const isLeftOver = ({ variable = "" }: ConfigProblem) => isOfOtherProvider(variable, declaration);
  const wrong = [...problems, ...unknown.filter((problem) => !isLeftOver(problem))].map(describeProblem);
  const leftOver = unknown.filter(isLeftOver).map(({ variable }) => variable);
  return [
    ...wrong,
    ...(leftOver.length > 0 ? [describeLeftOver(leftOver.join(", "), declaration)] : []),
    ...(wrong.length > 0 ? [] : [ok(`${count} values, defaults included, are good on their own.`)]),
  ];
}

function describeLeftOver(names: string, declaration: ProviderDeclaration | undefined): Observation {
  const used = declaration === undefined ? "which the server does not use" : `and the server uses ${declaration.title}`;
  return warning(
    `Nothing reads ${names}: of another provider, ${used}.`,
    "Remove them, or change FASTMCP_SERVER_AUTH.",
  );
}

function describeProblem({ variable, message }: ConfigProblem): Observation {
  const [what = "", advice] = message.split(/ Example: /);
  if (advice === undefined) {
    return failure(sentence(variable, what));
  }
  const [example = "", where] = advice.split(/ Where: /);
  const place = where === undefined ? "" : ` (${where})`;
  // Where no value can be shown, the example says what it is.
  const value = /^(?:the|a|what) /.test(example) ? example : `a value such as ${example}`;
  return failure(sentence(variable, what), `Set it to ${value}${place}`);
}

function sentence(variable: string | undefined, message: string): string {
  return variable === undefined ? message : `${variable} ${message}`;
}

function count(number: number): string {
  return number === 1 ? "1 variable" : `${number} variables`;
}

/**
 * Whether a server with this configuration tells clients that their metadata documents will do. Nothing where it does,
 * or was told not to.
 */
export function checkClientDocuments({ log }: Pick<Subject, "log">): Observation[] {
  return log
    .filter(({ level, fields }) => level === "warn" && fields.event === "client-documents-not-advertised")
    .map(({ message }) => fromStart({ message }));
}
