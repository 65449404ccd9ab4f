import { styleText } from "node:util";
import { wrap } from "../env/terminal-text.ts";
import type { Output } from "./command.ts";

/** The formats that output uses. */
export type Format = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";

/** Text for one output: coloured where colours are seen, wrapped to its width. */
export interface Terminal {
  readonly width: number;
  style(format: Format, text: string): string;
}

const WIDEST = 110;
const NARROWEST = 60;

/** Colours are for terminals; NO_COLOR switches them off, FORCE_COLOR on. */
export function createTerminal(output: Output, env: NodeJS.ProcessEnv): Terminal {
  const forced = env.FORCE_COLOR;
  const coloured = forced === undefined ? output.isTTY === true && !env.NO_COLOR : forced !== "0";
  return {
    width: Math.min(Math.max(output.columns ?? WIDEST, NARROWEST), WIDEST),
    style: (format, text) => (coloured && text !== "" ? styleText(format, text, { validateStream: false }) : text),
  };
}

/** `text` after `label`, whose column is `indent` wide; further lines are indented. */
export function hang(label: string, text: string, { indent, width }: { indent: number; width: number }): string {
  const [first = "", ...rest] = wrap(text, Math.max(width - indent, 30));
  const start = label.length >= indent ? `${label}\n${" ".repeat(indent)}` : label.padEnd(indent);
  return [`${start}${first}`, ...rest.map((line) => `${" ".repeat(indent)}${line}`)].join("\n");
}
