import { printable } from "../../env/terminal-text.ts";
import { type Format, hang, type Terminal } from "../terminal.ts";
import type { Finding, FindingStatus } from "./finding.ts";

const LABELS: Readonly<Record<FindingStatus, readonly [string, Format]>> = {
  ok: ["ok", "green"],
  warning: ["warn", "yellow"],
  failure: ["FAIL", "red"],
  unknown: ["?", "yellow"],
  skipped: ["-", "dim"],
};

const LABEL_WIDTH = 6;
const INDENT = 22;

/** A finding for people: a line, and a fix below it. `titles` are those of the checks. */
export function formatFinding(
  { check, status, message, fix }: Finding,
  titles: ReadonlyMap<string, string>,
  terminal: Terminal,
): string {
  const [label, format] = LABELS[status];
  const { width } = terminal;
  const body = hang(titles.get(check) ?? check, printable(message), {
    indent: INDENT - LABEL_WIDTH,
    width: width - LABEL_WIDTH,
  });
  const advice =
    fix === undefined ? [] : hang("Fix:", printable(fix), { indent: 5, width: width - INDENT }).split("\n");
  const rest = body.split("\n");
  return [
    `${terminal.style(format, label.padEnd(LABEL_WIDTH))}${rest[0] ?? ""}`,
    ...rest.slice(1).map((line) => `${" ".repeat(LABEL_WIDTH)}${line}`),
    ...advice.map((line) => `${" ".repeat(INDENT)}${terminal.style("cyan", line)}`),
    "",
  ].join("\n");
}
