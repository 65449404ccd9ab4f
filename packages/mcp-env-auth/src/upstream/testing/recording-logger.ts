// A file of its own: tests of several folders share it.
import type { Logger } from "../../logger.ts";

/** A logger whose lines can be read. */
export interface RecordingLogger extends Logger {
  readonly lines: { readonly level: string; readonly fields: object; readonly message: string }[];
}

export function recordingLogger(): RecordingLogger {
  const lines: RecordingLogger["lines"] = [];
  const log = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
