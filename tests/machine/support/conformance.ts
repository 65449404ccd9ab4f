import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { nodeProgram, packageFile } from "../../../scripts/support/programs.mjs";
import { runProgram } from "./program.ts";

// The suite runs on Node 22 and later only.
const NODE = nodeProgram("22");
const SUITE = packageFile("@modelcontextprotocol/conformance", "dist/index.js");

/** What one scenario of the suite found. */
export interface Scenario {
  readonly name: string;
  /** What the suite makes of it all; a warning can be enough to fail a client. */
  readonly passes: boolean;
  /** Checks that passed, and that failed. */
  readonly passed: number;
  readonly failed: number;
  /** The names of the checks that only warn. */
  readonly warnings: readonly string[];
  /** Why the suite does not count it, where it does not. */
  readonly notScored?: string;
}

export interface ConformanceRun {
  readonly scenarios: readonly Scenario[];
  readonly exitCode: number | null;
  /** All that the suite wrote. */
  readonly output: string;
}

export interface ConformanceOptions {
  /** Of the suite itself; for a client, what its command is started with too. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onOutput?: (text: string) => void;
}

/** Runs the conformance suite, as its command line has it, and reads its summary. */
export async function runConformance(
  args: readonly string[],
  { env = {}, onOutput }: ConformanceOptions = {},
): Promise<ConformanceRun> {
  const folder = await mkdtemp(join(tmpdir(), "conformance-"));
  try {
    const { output, errors, exitCode } = await runProgram(NODE, [SUITE, ...args, "--output-dir", folder], {
      env,
      timeout: 170_000,
      ...(onOutput === undefined ? {} : { onOutput }),
    });
    const scenarios = readSummary(output, await readWarnings(folder));
    if (scenarios.length === 0) {
      throw new Error(`The conformance suite ended without a summary:\n${output}\n${errors}`);
    }
    return { scenarios, exitCode, output };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The checks that warn, by the scenario: the summary of a server's run leaves them out. */
async function readWarnings(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => basename(file) === "checks.json");
  const found = files.map(async (file) => {
    const [, name = ""] = /^(?:server-|authorization-server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(dirname(file)) ?? [];
    const checks: { name: string; status: string }[] = JSON.parse(await readFile(join(folder, file), "utf8"));
    return [name, checks.filter(({ status }) => status === "WARNING").map((check) => check.name)] as const;
  });
  return new Map(await Promise.all(found));
}

function readSummary(output: string, warnings: ReadonlyMap<string, readonly string[]>): Scenario[] {
  const reasons = new Map(
    [...output.matchAll(/^ {2}[✓✗] (\S+) \(([\w-]+)\)$/gm)].map(([, name = "", reason = ""]) => [name, reason]),
  );
  const results = output.matchAll(/^([✓✗]) (\S+): (\d+) passed, (\d+) failed/gm);
  return [...results].map(([, mark, name = "", passed, failed]) => {
    const notScored = reasons.get(name);
    return {
      name,
      passes: mark === "✓",
      passed: Number(passed),
      failed: Number(failed),
      warnings: warnings.get(name) ?? [],
      ...(notScored === undefined ? {} : { notScored }),
    };
  });
}
