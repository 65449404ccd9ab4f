import type { Logger } from "./logger.ts";

/** How many reasons are told apart at once: anybody may be able to make up more. */
const MAX_REASONS = 100;

const MINUTE_MS = 60_000;

export interface CountedLines {
  /** Logs a line, or counts it where one with this `reason` was logged less than a minute ago. */
  info(reason: string, fields: object, message: string): void;
  /** The same at other levels. */
  warn(reason: string, fields: object, message: string): void;
  error(reason: string, fields: object, message: string): void;
}

interface Window {
  /** How often the reason came since its last line. */
  count: number;
}

/**
 * Logs what strangers can bring about as often as they like: for each reason the first line at once, and then one line
 * a minute that says how many more came. Lines whose reasons are too many to tell apart count as one reason.
 */
export function createCountedLines(logger: Logger): CountedLines {
  const windows = new Map<string, Window>();

  function open(reason: string, write: (count: number) => void): void {
    const window: Window = { count: 0 };
    windows.set(reason, window);
    const timer = setInterval(() => {
      if (window.count === 0) {
        clearInterval(timer);
        windows.delete(reason);
        return;
      }
      write(window.count);
      window.count = 0;
    }, MINUTE_MS);
    timer.unref();
  }

  const at = (level: "info" | "warn" | "error") => (reason: string, fields: object, message: string) => {
    const known = windows.get(reason) ?? (windows.size >= MAX_REASONS ? windows.get("") : undefined);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    logger[level](fields, message);
    open(windows.size >= MAX_REASONS ? "" : reason, (count) =>
      logger[level]({ ...fields, count }, `${message} (${count} more in the last minute)`),
    );
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
