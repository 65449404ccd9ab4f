import pino from "pino";
import type { Logger } from "./logger.ts";

/** Levels as FASTMCP_LOG_LEVEL names them. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

const PINO_LEVEL: Record<LogLevel, pino.Level> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

export interface LoggingOptions {
  readonly level: LogLevel;
  /** Removes every secret from a line before it is written. */
  readonly redact: (line: string) => string;
  /** Default standard error: on stdio, standard output belongs to the protocol. */
  readonly destination?: NodeJS.WritableStream & { isTTY?: boolean };
}

/** Writes one JSON object a line, or, to a terminal, a line for people. */
export function createLogger({ level, redact, destination = process.stderr }: LoggingOptions): Logger {
  const format = destination.isTTY === true ? formatForPeople : (line: string) => line;
  return pino(
    {
      level: PINO_LEVEL[level],
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
    },
    { write: (line: string) => destination.write(redact(format(line))) },
  );
}

// A message may quote what a caller sent, as long as they like.
const MAX_TEXT = 8_000;

function describeError(error: Error): object {
  const described = pino.stdSerializers.err(error);
  return { ...described, message: shorten(described.message), stack: shorten(described.stack) };
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}… (${text.length} characters)` : text;
}

const LABELS: Record<number, string> = { 20: "debug", 30: "info ", 40: "warn ", 50: "error", 60: "fatal" };

/** What others sent must neither begin a line of its own nor move the cursor. */
function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "\ufffd");
}

function formatForPeople(line: string): string {
  const { level, time, msg, ...fields } = JSON.parse(line) as { level: number; time: string; msg: string };
  const details = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${withoutControls([time.slice(11, 19), LABELS[level] ?? level, msg, ...details].join(" "))}\n`;
}
