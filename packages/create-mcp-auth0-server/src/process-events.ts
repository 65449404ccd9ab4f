import type { Writable } from "node:stream";

/**
 * Lets the work go on when nobody reads its output any more, as with `| head -1`. Any other failure to write is thrown
 * as before.
 */
export function outliveReader(...outputs: readonly Writable[]): void {
  for (const output of outputs) {
    output.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") {
        throw error;
      }
    });
  }
}

/**
 * Ends this process with `exitCode`. A cancelled one that npm started ends by SIGINT, as npm then does too: after an
 * exit code it would print several lines about an error of npm.
 */
export function endWith(exitCode: number, env: NodeJS.ProcessEnv): void {
  process.exitCode = exitCode;
  if (exitCode === CANCELLED && env.npm_lifecycle_event === "npx" && process.platform !== "win32") {
    process.kill(process.pid, "SIGINT");
  }
}

const CANCELLED = 130;
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Hears the signals that ask this process to stop, instead of ending at once. Returns what ends that. */
export function onStopSignal(listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of STOP_SIGNALS) {
    process.on(signal, listener);
  }
  return () => {
    for (const signal of STOP_SIGNALS) {
      process.off(signal, listener);
    }
  };
}
