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
