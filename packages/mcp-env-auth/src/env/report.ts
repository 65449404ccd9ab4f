import { styleText } from "node:util";
import type { ConfigError, ConfigProblem } from "../errors.ts";
import { redactCredentials } from "./credential-patterns.ts";
import { printable, wrap } from "./terminal-text.ts";

export interface ReportOptions {
  /** Where the report goes: colours are for terminals. Default standard error. */
  readonly stream?: { readonly isTTY?: boolean; readonly columns?: number };
  /** NO_COLOR switches colours off, FORCE_COLOR on. Default the process's. */
  readonly processEnv?: NodeJS.ProcessEnv;
  /** What the problems prevent. Default: the start of the server. */
  readonly consequence?: string;
}

const INDENT = "    ";
const WIDEST = 100;

/** What is wrong with the configuration, for a terminal: a heading and one block a problem. Ends with a line break. */
export function formatConfigError(error: ConfigError, options: ReportOptions = {}): string {
  const { stream = process.stderr, processEnv = process.env, consequence = "The server can't start" } = options;
  const style = chooseStyle(stream, processEnv);
  const width = Math.min(Math.max(stream.columns ?? WIDEST, 40), WIDEST);
  const count = error.problems.length;
  const heading = `${consequence}: ${count === 1 ? "1 problem" : `${count} problems`} in the configuration.`;
  const blocks = error.problems.map((problem) => formatBlock(problem, style, width));
  return `${[style(["bold", "red"], heading), ...blocks].join("\n\n")}\n`;
}

type Style = (format: ("bold" | "red" | "yellow")[], text: string) => string;

function chooseStyle(stream: { readonly isTTY?: boolean }, processEnv: NodeJS.ProcessEnv): Style {
  const forced = processEnv.FORCE_COLOR;
  const wanted = forced === undefined ? stream.isTTY === true && !processEnv.NO_COLOR : forced !== "0";
  return wanted ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}

function formatBlock({ variable, message }: ConfigProblem, style: Style, width: number): string {
  const text = safe(message);
  const lines = text.split(/ (?=(?:Example|Where): )/).flatMap((part) => wrap(part, width - INDENT.length));
  const body = lines.map((line) => `${INDENT}${line}`);
  const title = variable === undefined ? [] : [`  ${style(["bold", "yellow"], safe(variable))}`];
  return [...title, ...body].join("\n");
}

// A message may quote a file name or an export of the user's.
function safe(text: string): string {
  return redactCredentials(printable(text));
}
