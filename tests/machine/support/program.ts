import { spawn } from "node:child_process";

export interface ProgramResult {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface ProgramOptions {
  /** Beside PATH, all that the program sees. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Milliseconds; then it is killed. Default 45 s. */
  readonly timeout?: number;
  /** Kills it. */
  readonly signal?: AbortSignal;
  /** Called with each piece of its output. */
  readonly onOutput?: (text: string) => void;
}

/** Runs a program to its end. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, cwd, timeout = 45_000, signal, onOutput }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(cwd !== undefined && { cwd }),
      timeout,
      killSignal: "SIGKILL",
    });
    signal?.addEventListener("abort", () => child.kill("SIGKILL"));
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, output, errors }));
  });
}
