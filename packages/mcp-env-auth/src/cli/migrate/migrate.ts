import { stat } from "node:fs/promises";
import { type EnvFile, readEnvFile } from "../../env/env-file.ts";
import { createRedactor } from "../../env/redaction.ts";
import { printable, wrap } from "../../env/terminal-text.ts";
import { expandPath } from "../../env/text-file.ts";
import { ConfigError } from "../../errors.ts";
import type { CliContext } from "../command.ts";
import { createTerminal, type Format, hang, type Terminal } from "../terminal.ts";
import { writeNewFile } from "../write-file.ts";
import { type Comparison, compareFile, type FileComparison, type Verdict } from "./compare.ts";
import { GENERAL_NOTES } from "./migration-notes.ts";
import { rewriteFile } from "./rewrite-file.ts";

const HEADINGS: readonly (readonly [Verdict, string, Format])[] = [
  ["change", "To change", "red"],
  ["same", "The same here", "green"],
  ["safer", "The same, and safer here", "green"],
  ["no meaning", "No meaning here", "yellow"],
];

export interface MigrateOptions {
  /** Default: as for the server. */
  readonly file: string | undefined;
  /** Where the new file goes. Default: nothing is written. */
  readonly write: string | undefined;
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
}

/** The command `migrate`. */
export async function migrate({ file, write, force }: MigrateOptions, context: CliContext): Promise<number> {
  const read = readEnvFile(context.env, context.cwd, file);
  if (read.problems.length > 0) {
    throw new ConfigError(read.problems);
  }
  if (read.path === undefined) {
    throw new ConfigError(
      "There is no .env in the working directory. Name the file: mcp-env-auth migrate ../python-server/.env",
    );
  }
  const compared = await compareFile(read, context.cwd);
  const { redactText } = createRedactor(compared.secrets);
  const terminal = createTerminal(context.stdout, context.env);
  context.stdout.write(redactText(formatComparisons(read, compared.comparisons, terminal)));
  if (write === undefined) {
    return compared.comparisons.some(({ verdict }) => verdict === "change") ? 1 : 0;
  }
  const { lines, left } = await writeMigrated({ read, compared, target: expandPath(write, context.cwd), force });
  context.stdout.write(`\n${redactText(lines.flatMap((line) => wrap(printable(line), terminal.width)).join("\n"))}\n`);
  return left === 0 ? 0 : 1;
}

interface Writing {
  readonly read: EnvFile;
  readonly compared: FileComparison;
  readonly target: string;
  readonly force: boolean;
}

async function writeMigrated({ read, compared, target, force }: Writing) {
  const { path = "", text: source, values } = read;
  const left = compared.remaining.filter(({ verdict }) => verdict === "change");
  const text = rewriteFile(source, compared.plan, values, left);
  const mode = (await stat(path)).mode & 0o777;
  const kept = await writeNewFile({ path: target, text, mode, replace: force ? "keeping" : "never" });
  const rest =
    left.length === 0
      ? "Check it with mcp-env-auth doctor."
      : `${left.length === 1 ? "1 variable is" : `${left.length} variables are`} still to be changed: the end of the file says which.`;
  const lines = [`Wrote ${target}. ${rest}`, ...(kept === undefined ? [] : [`The earlier file is ${kept}.`])];
  return { lines, left: left.length };
}

function formatComparisons(
  { path = "", warnings }: EnvFile,
  comparisons: readonly Comparison[],
  terminal: Terminal,
): string {
  const sections = HEADINGS.flatMap(([verdict, heading, format]) => {
    const entries = comparisons.filter((comparison) => comparison.verdict === verdict);
    if (entries.length === 0) {
      return [];
    }
    return [terminal.style(format, heading), ...entries.flatMap((entry) => formatEntry(entry, terminal)), ""];
  });
  const count = comparisons.filter(({ verdict }) => verdict === "change").length;
  const conclusion =
    count === 0
      ? "The file works here as it is. Check the rest with mcp-env-auth doctor."
      : `${count === 1 ? "1 variable has" : `${count} variables have`} to be changed for this server.`;
  return [
    printable(path),
    "",
    ...warnings.flatMap(({ variable, message }) => [
      ...wrap(printable(variable === undefined ? message : `${variable} ${message}`), terminal.width),
      "",
    ]),
    ...(comparisons.length === 0 ? ["It holds no FASTMCP_ variable.", ""] : sections),
    terminal.style("bold", "Whatever the file says"),
    ...GENERAL_NOTES.map((note) => hang("  -", note, { indent: 4, width: terminal.width })),
    "",
    conclusion,
    "",
  ].join("\n");
}

function formatEntry({ variable, note }: Comparison, { width }: Terminal): string[] {
  const text = printable(note);
  return [`  ${printable(variable)}`, ...(text === "" ? [] : wrap(text, width - 6).map((line) => `      ${line}`))];
}
