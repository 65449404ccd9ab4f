import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { runCli } from "../run-command-line.ts";

export interface CallOptions {
  /** The process's environment. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the working directory, which is otherwise empty. */
  readonly files?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly clock?: Clock;
  readonly columns?: number;
}

export interface CallResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly cwd: string;
}

/** Runs the command in this process, in a working directory of its own. */
export async function callCli(args: readonly string[], options: CallOptions = {}): Promise<CallResult> {
  const { env = {}, files = {}, stdin = "", clock = systemClock, columns } = options;
  const cwd = mkdtempSync(join(tmpdir(), "mcp-env-auth-cli-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(cwd, name), text);
  }
  const output = { stdout: "", stderr: "" };
  const collect = (name: keyof typeof output) => ({
    write: (text: string) => {
      output[name] += text;
    },
    ...(columns !== undefined && { columns }),
  });
  const exitCode = await runCli(args, {
    env: { ...env },
    cwd,
    stdin: Readable.from([stdin]),
    stdout: collect("stdout"),
    stderr: collect("stderr"),
    clock,
  });
  return { exitCode, ...output, cwd };
}

/** Variables as a `.env` holds them. */
export function dotenv(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
