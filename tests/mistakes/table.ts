import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One row of docs/mistakes.md. What it says is what a test finds. */
export interface Mistake {
  /** What was done, for people; code in backticks. */
  readonly mistake: string;
  /** What the client reads, or a part of it. */
  readonly client: string;
  /** What the terminal or the log shows, or a part of it. */
  readonly terminal: string;
  /** What `mcp-env-auth doctor` shows; absent where it can't see the code. */
  readonly doctor?: string;
}

export const NOTHING_SERVED = "nothing: the server does not start";
export const MASKED = "Something went wrong in the server. Its operator can look up";

const PAGE = fileURLToPath(new URL("../../docs/mistakes.md", import.meta.url));

/** The rows of the table below a heading of docs/mistakes.md, and those that it should have. */
export function tableOf(heading: string, rows: readonly Mistake[]): { found: string[]; expected: string[] } {
  const [, section = ""] = readFileSync(PAGE, "utf8").split(`## ${heading}\n`);
  const [table = ""] = section.split("\n## ");
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return {
    found: table.split("\n").filter((line) => line.startsWith("| ")),
    expected: [
      "| mistake | client | terminal and log | `doctor` |",
      ...rows.map(
        ({ mistake, client, terminal, doctor = "–" }) =>
          `| ${[mistake, client, terminal, doctor].map(cell).join(" | ")} |`,
      ),
    ],
  };
}
