import type { Logger } from "../logger.ts";
import type { Telemetry } from "../telemetry.ts";

/** `logger`, whose lines carry the trace that they were logged in, and whose events the trace carries. */
export function observeLogger(logger: Logger, telemetry: Telemetry): Logger {
  const observe = (level: keyof Logger) => (fields: object, message: string) =>
    logger[level]({ ...fields, ...telemetry.logged(fields) }, message);
  return { debug: observe("debug"), info: observe("info"), warn: observe("warn"), error: observe("error") };
}
