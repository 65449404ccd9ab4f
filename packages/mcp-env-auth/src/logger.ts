import type { Telemetry } from "./telemetry.ts";
/**
 * What the runtime logs to. pino's loggers fit it as they are.
 *
 * `fields` is data for machines and must never hold a token, code, secret or cookie; `message` is a sentence for a
 * person.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Drops every line. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};

/** `logger`, whose lines carry the trace that they were logged in, and whose events the trace carries. */
export function observeLogger(logger: Logger, telemetry: Telemetry): Logger {
  const observe = (level: keyof Logger) => (fields: object, message: string) =>
    logger[level]({ ...fields, ...telemetry.logged(fields) }, message);
  return { debug: observe("debug"), info: observe("info"), warn: observe("warn"), error: observe("error") };
}
