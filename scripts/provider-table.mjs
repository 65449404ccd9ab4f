// Writes docs/providers/README.md: the list of pages, and what was run against real identity providers.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createNotes, replaceBetween } from "./support/generated-part.mjs";

/** @import { Cell, RecordedProvider } from "../tests/machine/providers/support/table.ts" */

const RECORDS = new URL("../tests/machine/providers/", import.meta.url);
const FOLDER = new URL("../docs/providers/", import.meta.url);
export const PAGE = fileURLToPath(new URL("README.md", FOLDER));

/** What the tests of each provider are held to. @returns {RecordedProvider[]} */
export function readRecords() {
  return readdirSync(RECORDS)
    .map((name) => new URL(`${name}/cells.json`, RECORDS))
    .filter((file) => existsSync(file))
    .map((file) => /** @type {RecordedProvider} */ (JSON.parse(readFileSync(file, "utf8"))))
    .sort((one, other) => one.provider.localeCompare(other.provider, "en"));
}

/**
 * What each page of the folder is about: its heading, and its first sentence.
 *
 * @returns {{ file: string, title: string, summary: string }[]}
 */
export function readPages() {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".md") && file !== "README.md")
    .map((file) => {
      const [heading = "", paragraph = ""] = readFileSync(new URL(file, FOLDER), "utf8").split("\n\n");
      const [summary = ""] = /^.*?\.(?= |$)/.exec(paragraph) ?? [];
      return { file, title: heading.replace(/^# /, ""), summary };
    })
    .sort((one, other) => one.title.localeCompare(other.title, "en"));
}

/**
 * The page with its list and its tables brought up to date.
 *
 * @param {string} page
 * @param {readonly RecordedProvider[]} records
 * @param {ReturnType<typeof readPages>} pages
 */
export function updatePage(page, records, pages) {
  const list = pages.map(({ file, title, summary }) => `| [${title}](${file}) | ${summary} |`);
  const withList = replaceBetween(page, marksOf("pages"), ["| page | |", "|---|---|", ...list].join("\n"));
  return replaceBetween(withList, marksOf("providers"), records.map(describe).join("\n\n"));
}

/** @param {string} name */
function marksOf(name) {
  return { start: `<!-- ${name}: written by scripts/provider-table.mjs -->`, end: `<!-- end of ${name} -->` };
}

/** @param {RecordedProvider} record */
function describe({ provider, version, cells }) {
  const notes = createNotes();
  /** @param {Cell} cell */
  const show = (cell) => {
    if (cell === "passed") {
      return "passed";
    }
    return "knownFault" in cell
      ? `fails (${notes.numberOf(`Known fault: ${cell.knownFault}.`)})`
      : `— (${notes.numberOf(cell.notPossible)})`;
  };
  const steps = Object.keys(Object.values(cells).find((row) => !("notPossible" in row)) ?? {});
  const rows = Object.entries(cells).map(([verifier, row]) => {
    const shown = "notPossible" in row ? steps.map(() => show(row)) : Object.values(row).map(show);
    return `| ${[verifier, ...shown].join(" | ")} |`;
  });
  return [
    `### ${provider} ${version}`,
    "",
    `| | ${steps.join(" | ")} |`,
    `|---|${steps.map(() => "---").join("|")}|`,
    ...rows,
    "",
    ...notes.list(),
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, updatePage(readFileSync(PAGE, "utf8"), readRecords(), readPages()));
}
