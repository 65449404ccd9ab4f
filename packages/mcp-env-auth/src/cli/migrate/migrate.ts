import { readEnvFile } from "../../env/env-file.ts";
import { createRedactor } from "../../env/redaction.ts";
import { printable, wrap } from "../../env/terminal-text.ts";
import { ConfigError } from "../../errors.ts";
import type { CliContext } from "../cli-context.ts";
import { createTerminal, type Format, hang, type Terminal } from "../terminal.ts";
import { type Comparison, compareFile, type Verdict } from "./compare.ts";
import { GENERAL_NOTES } from "./migration-notes.ts";

const HEADINGS: readonly (readonly [Verdict, string, Format])[] = [
  ["change", "To change", "red"],
  ["same", "The same here", "green"],
  ["safer", "The same, and safer here", "green"],
  ["no meaning", "No meaning here", "yellow"],
];

/** The command `migrate`. */
export async function migrate({ file }: { readonly file: string | undefined }, context: CliContext): Promise<number> {
  const read = readEnvFile(context.env, context.cwd, file);
  if (read.problems.length > 0) {
    throw new ConfigError(read.problems);
  }
  if (read.path === undefined) {
    throw new ConfigError(
      "There is no .env in the working directory. Name the file: mcp-env-auth migrate ../python-server/.env",
    );
  }
  const comparisons = await compareFile(read, context.cwd);
  const { redactText } = createRedactor();
  const terminal = createTerminal(context.stdout, context.env);
  context.stdout.write(redactText(formatComparisons(read.path, comparisons, terminal)));
  return comparisons.some(({ verdict }) => verdict === "change") ? 1 : 0;
}

function formatComparisons(path: string, comparisons: readonly Comparison[], terminal: Terminal): string {
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
      : `${count === 1 ? "1 variable has" : `${count} variables have`} to be changed for this file to mean here what it says.`;
  return [
    printable(path),
    "",
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
