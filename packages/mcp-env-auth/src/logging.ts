import { styleText } from "node:util";
import pino from "pino";
import { createLineTarget } from "./line-target.ts";
import type { Logger } from "./logger.ts";

/** Levels as FASTMCP_LOG_LEVEL names them. */
export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** How lines look, as FASTMCP_LOG_FORMAT names it. */
export type LogFormat = "auto" | "text" | "json" | "google-cloud";

const PINO_LEVEL: Record<LogLevel, pino.Level> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

/** As Google Cloud Logging names them (LogEntry, LogSeverity). */
const SEVERITIES: Readonly<Record<string, string>> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

type Destination = NodeJS.WritableStream & { isTTY?: boolean };

export interface LoggingOptions {
  readonly level: LogLevel;
  /** Removes every secret from a text before it is written. */
  readonly redact: (text: string) => string;
  /** The same of a line of JSON, which stays one. */
  readonly redactLine: (line: string) => string;
  /** Default `auto`: lines for people on a terminal, JSON elsewhere. */
  readonly format?: LogFormat | undefined;
  /** Default standard error: on stdio, standard output belongs to the protocol. */
  readonly destination?: Destination | undefined;
  /** NO_COLOR switches colors off, FORCE_COLOR on. Default the process's. */
  readonly processEnv?: NodeJS.ProcessEnv | undefined;
}

/** A label and what it is about. */
export type BannerLine = readonly [label: string, text: string];

/** A logger of the runtime's own. */
export interface OwnLogger extends Logger {
  /** Shows a heading and lines at the start. Absent where nobody reads along, or INFO is not logged. */
  readonly banner?: (heading: string, lines: readonly BannerLine[]) => void;
}

/** Writes one JSON object a line, or lines for people. */
export function createLogger(options: LoggingOptions): OwnLogger {
  const {
    level,
    redact,
    redactLine,
    format = "auto",
    destination = process.stderr,
    processEnv = process.env,
  } = options;
  const isText = format === "text" || (format === "auto" && destination.isTTY === true);
  const style = chooseStyle(destination, processEnv);
  const logger = pino(
    {
      level: PINO_LEVEL[level],
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: describeError },
      ...(format === "google-cloud" && {
        messageKey: "message",
        formatters: { level: (label: string) => ({ severity: SEVERITIES[label] ?? "DEFAULT" }) },
      }),
    },
    createLineTarget(destination, (line) => (isText ? formatForPeople(line, redact, style) : inert(redactLine(line)))),
  );
  if (!isText || !logger.isLevelEnabled("info")) {
    return logger;
  }
  return Object.assign(logger, {
    banner(heading: string, lines: readonly BannerLine[]) {
      const width = Math.max(...lines.map(([label]) => label.length));
      const shown = lines.map(
        ([label, text]) => `  ${style("dim", label.padEnd(width))}  ${redact(withoutControls(text))}\n`,
      );
      destination.write([`${style("bold", redact(withoutControls(heading)))}\n`, ...shown].join(""));
    },
  });
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

type Format = "bold" | "dim" | "red" | "yellow" | "cyan";
type Style = (format: Format, text: string) => string;

function chooseStyle({ isTTY = false }: Destination, { FORCE_COLOR, NO_COLOR }: NodeJS.ProcessEnv): Style {
  const wanted = FORCE_COLOR === undefined ? isTTY && !NO_COLOR : FORCE_COLOR !== "0";
  return (format, text) => (wanted && text !== "" ? styleText(format, text, { validateStream: false }) : text);
}

const LABELS: Readonly<Record<number, readonly [label: string, format: Format]>> = {
  20: ["debug", "dim"],
  30: ["info ", "cyan"],
  40: ["warn ", "yellow"],
  50: ["error", "red"],
  60: ["fatal", "red"],
};

const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** What others sent must neither begin a line of its own nor move the cursor. */
function withoutControls(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}

/** What JSON leaves as it is, and a terminal that shows the log later does not. */
const ACTIVE = /[\x7f-\x9f\u2028\u2029\p{Bidi_Control}]/gu;

/** A line of JSON whose texts steer no terminal. */
function inert(line: string): string {
  return line.replace(ACTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A line for people, and the stack of an error on lines of its own. */
function formatForPeople(line: string, redact: (text: string) => string, style: Style): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as {
    readonly level: number;
    readonly time: string;
    readonly msg: string;
    readonly err?: { readonly stack?: unknown } | undefined;
  };
  // Before it is colored: a code in between would hide a secret from its pattern.
  const show = (text: string) => withoutControls(redact(text));
  const details = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const [label, format] = LABELS[level] ?? [String(level), "dim"];
  const stack = typeof err?.stack === "string" ? redact(err.stack).split("\n") : [];
  const parts = [
    style("dim", time.slice(11, 19)),
    style(format, label),
    show(msg),
    ...(details.length > 0 ? [style("dim", show(details.join(" ")))] : []),
  ];
  return [parts.join(" "), ...stack.map((text) => style("dim", `    ${withoutControls(text.trim())}`)), ""].join("\n");
}
