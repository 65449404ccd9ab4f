import type { ConfigProblem } from "../../errors.ts";
import type { ProviderDeclaration } from "../../providers/declaration.ts";
import { isOfOtherProvider } from "../known-providers.ts";
import type { ServerEnvironment } from "../server-environment.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

/** Which env file there is, and how many variables come from it. */
export function checkEnvFile({ file, environment }: ServerEnvironment, cwd: string): Finding[] {
  const sources = [...environment.variables()].filter(({ name }) => name.toUpperCase().startsWith("FASTMCP_"));
  const fromFile = sources.filter(({ source }) => source.kind === "file").length;
  const fromProcess = sources.length - fromFile;
  const warnings = file.warnings.map(({ variable, message }) => warning("env-file", sentence(variable, message)));
  if (file.path !== undefined) {
    const others = fromProcess === 0 ? "" : `; ${count(fromProcess)} from the process's environment, which wins`;
    return [ok("env-file", `${count(fromFile)} from ${file.path}${others}.`), ...warnings];
  }
  if (fromProcess > 0) return [ok("env-file", `No env file; ${count(fromProcess)} from the process's environment.`)];
  return [
    failure(
      "env-file",
      `There is no .env in ${cwd}, and no FASTMCP_ variable in the process's environment.`,
      "Run this where the server runs, name the file by FASTMCP_ENV_FILE, or write one: mcp-env-auth env --example --provider auth0 > .env",
    ),
  ];
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
export function checkVariables({ problems, unknown, declaration, count }: VariablesVerdict): Finding[] {
  const findings = [
    ...problems.map((problem) => describeProblem(problem, failure)),
    ...unknown.map((problem) =>
      describeProblem(problem, isOfOtherProvider(problem.variable ?? "", declaration) ? warning : failure),
    ),
  ];
  if (findings.some(({ status }) => status === "failure")) return findings;
  return [...findings, ok("variables", `${count} values, defaults included, are good on their own.`)];
}

function describeProblem({ variable, message }: ConfigProblem, describe: typeof failure): Finding {
  const [what = "", ...advice] = message.split(/ (?=Example: )/);
  return describe("variables", sentence(variable, what), advice.length === 0 ? undefined : advice.join(" "));
}

function sentence(variable: string | undefined, message: string): string {
  return variable === undefined ? message : `${variable} ${message}`;
}

function count(number: number): string {
  return number === 1 ? "1 variable" : `${number} variables`;
}
