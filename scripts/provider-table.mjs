// Writes what was run against real identity providers, and what came of it, into docs/tested-providers.md.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** @import { Cell, RecordedProvider } from "../tests/machine/providers/support/table.ts" */

const RECORDS = new URL("../tests/machine/providers/", import.meta.url);
export const PAGE = fileURLToPath(new URL("../docs/tested-providers.md", import.meta.url));
const START = "<!-- providers: written by scripts/provider-table.mjs -->";
const END = "<!-- end of providers -->";

/** What the tests of each provider are held to. @returns {RecordedProvider[]} */
export function readRecords() {
  return readdirSync(RECORDS)
    .map((name) => new URL(`${name}/cells.json`, RECORDS))
    .filter((file) => existsSync(file))
    .map((file) => /** @type {RecordedProvider} */ (JSON.parse(readFileSync(file, "utf8"))))
    .sort((one, other) => one.provider.localeCompare(other.provider, "en"));
}

/**
 * The page with its tables brought up to date.
 *
 * @param {string} page
 * @param {readonly RecordedProvider[]} records
 */
export function updatePage(page, records) {
  const [start, end] = [page.indexOf(START), page.indexOf(END)];
  if (start === -1 || end === -1) {
    throw new Error(`The page needs the lines ${START} and ${END}.`);
  }
  return `${page.slice(0, start + START.length)}\n${records.map(describe).join("\n\n")}\n${page.slice(end)}`;
}

/** @param {RecordedProvider} record */
function describe({ provider, version, cells }) {
  /** @type {string[]} */
  const notes = [];
  /** @param {string} note */
  const noteOf = (note) => {
    if (!notes.includes(note)) {
      notes.push(note);
    }
    return notes.indexOf(note) + 1;
  };
  /** @param {Cell} cell */
  const show = (cell) => {
    if (cell === "passed") {
      return "passed";
    }
    return "knownFault" in cell
      ? `fails (${noteOf(`Known fault: ${cell.knownFault}.`)})`
      : `— (${noteOf(cell.notPossible)})`;
  };
  const steps = Object.keys(Object.values(cells).find((row) => !("notPossible" in row)) ?? {});
  const rows = Object.entries(cells).map(([verifier, row]) => {
    const shown = "notPossible" in row ? steps.map(() => show(row)) : Object.values(row).map(show);
    return `| ${[verifier, ...shown].join(" | ")} |`;
  });
  return [
    `## ${provider} ${version}`,
    "",
    `| | ${steps.join(" | ")} |`,
    `|---|${steps.map(() => "---").join("|")}|`,
    ...rows,
    "",
    ...notes.map((note, index) => `${index + 1}. ${note}`),
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, updatePage(readFileSync(PAGE, "utf8"), readRecords()));
}
