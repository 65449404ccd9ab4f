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
