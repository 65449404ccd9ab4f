import type { Environment } from "../../env/environment.ts";
import { createRedactor, type Redactor } from "../../env/redaction.ts";
import { SERVER_AUTH } from "../../env/server-settings.ts";
import { standardOrigins, standardSecrets } from "../../env/standard-variables.ts";
import { printable } from "../../env/terminal-text.ts";
import { describeOrigin, type VariableOrigin } from "../../env/variable-origin.ts";
import { ConfigError } from "../../errors.ts";
import type { CliContext } from "../command.ts";
import { findProvider, readServerEnvironment } from "../server-environment.ts";
import { createTerminal, type Terminal } from "../terminal.ts";
import { checks } from "./checks.ts";
import { diagnose } from "./diagnose.ts";
import type { Finding, FindingStatus } from "./finding.ts";
import { formatFinding } from "./finding-lines.ts";

export interface DoctorOptions {
  readonly offline: boolean;
  /** Also the check `production`. */
  readonly production?: boolean | undefined;
  /** JSON in place of lines for people. */
  readonly json: boolean;
  /** The names of the checks to run; default: all. */
  readonly only?: readonly string[] | undefined;
}

/** The command `doctor`: checks everything, says what to change, and gives 1 when something is wrong. */
export async function doctor({ offline, production, json, only }: DoctorOptions, context: CliContext): Promise<number> {
  const { origins, redactor } = await readOrigins(context);
  const terminal = createTerminal(context.stdout, context.env);
  const findings: Finding[] = [];
  if (!json && only === undefined) {
    for (const line of formatOrigins(origins, redactor, terminal)) {
      context.stdout.write(`${line}\n`);
    }
  }
  for await (const found of diagnose({ offline, production, only }, context)) {
    const finding = redactor.redact(found) as Finding;
    findings.push(finding);
    if (!json) {
      context.stdout.write(formatFinding(finding, TITLES, terminal));
    }
  }
  const failures = findings.filter(({ status }) => status === "failure").length;
  context.stdout.write(
    json
      ? `${JSON.stringify({ ok: failures === 0, findings, variables: redactor.redact(origins) }, undefined, 2)}\n`
      : `\n${formatConclusion(findings, failures, terminal)}\n`,
  );
  return failures === 0 ? 0 : 1;
}

async function readOrigins(context: CliContext): Promise<{ origins: readonly VariableOrigin[]; redactor: Redactor }> {
  try {
    const { environment, server } = readServerEnvironment(context);
    const reading = (await chosenProvider(environment))?.fromEnvironment(environment);
    return {
      origins: [...server.origins, ...(reading?.origins ?? []), ...standardOrigins(environment)].filter(
        ({ source }) => source.kind !== "default",
      ),
      redactor: createRedactor([...server.secrets, ...(reading?.secrets ?? []), ...standardSecrets(environment)]),
    };
  } catch (error) {
    // What is wrong is told by the checks.
    if (error instanceof ConfigError) {
      return { origins: [], redactor: createRedactor() };
    }
    throw error;
  }
}

function chosenProvider(environment: Environment) {
  const name = environment.get(SERVER_AUTH)?.value;
  return name === undefined ? undefined : findProvider(name, environment.cwd);
}

function formatOrigins(origins: readonly VariableOrigin[], { redactText }: Redactor, { style }: Terminal): string[] {
  if (origins.length === 0) {
    return [];
  }
  return [...origins.map((origin) => style("dim", redactText(printable(describeOrigin(origin))))), ""];
}

const TITLES: ReadonlyMap<string, string> = new Map(checks.map(({ name, title }) => [name, title]));

function formatConclusion(findings: readonly Finding[], failures: number, { style }: Terminal): string {
  const count = (status: FindingStatus) => findings.filter((finding) => finding.status === status).length;
  const others = [
    ...(count("warning") > 0 ? [`${count("warning")} to look at`] : []),
    ...(count("unknown") > 0 ? [`${count("unknown")} that could not be checked`] : []),
  ];
  const tail = others.length === 0 ? "" : ` (${others.join(", ")})`;
  if (failures === 0) {
    return style("green", `Nothing is wrong${tail}.`);
  }
  return style("red", `${failures === 1 ? "1 thing is" : `${failures} things are`} wrong${tail}.`);
}
