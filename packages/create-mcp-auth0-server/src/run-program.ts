import { spawn } from "node:child_process";
import { onStopSignal } from "./process-events.ts";

/** How a program ended. */
export type ProgramResult =
  | { readonly ended: "exit"; readonly code: number }
  /** By a signal of its own, or by one that was meant for us. */
  | { readonly ended: "signal"; readonly signal: NodeJS.Signals }
  /** It could not be started. */
  | { readonly ended: "absent"; readonly reason: string };

export interface ProgramOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** `inherit` shows what the program prints; `ignore` keeps it quiet. Either way it gets no input. */
  readonly output: "inherit" | "ignore";
}

/**
 * Runs a program to its end, without a shell: no argument is interpreted. Only on Windows, where package managers are
 * `.cmd` files that nothing else can start, cmd.exe is asked; callers give constant arguments. A signal that asks us to
 * stop is passed on, and waited for.
 */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { cwd, env, output } = options;
  const viaCmd = process.platform === "win32" && !/\.exe$/i.test(program);
  return new Promise((resolve) => {
    let stopped: NodeJS.Signals | undefined;
    const release = onStopSignal((signal) => {
      stopped = signal;
      child.kill(signal);
    });
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", output, output], shell: viaCmd });
    child.once("error", (error) => {
      release();
      resolve({ ended: "absent", reason: error.message });
    });
    child.once("close", (code, signal) => {
      release();
      const by = stopped ?? signal;
      resolve(by === null ? { ended: "exit", code: code ?? 1 } : { ended: "signal", signal: by });
    });
  });
}
