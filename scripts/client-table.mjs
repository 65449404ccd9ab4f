// Writes what was run with real clients, and what came of it, into docs/clients/README.md.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createNotes, replaceBetween } from "./support/generated-part.mjs";

/** @import { Cell, RecordedClient } from "../tests/machine/clients/support/table.ts" */

const RECORDS = new URL("../tests/machine/clients/", import.meta.url);
export const PAGE = fileURLToPath(new URL("../docs/clients/README.md", import.meta.url));
const LINES = {
  start: "<!-- clients: written by scripts/client-table.mjs -->",
  end: "<!-- end of clients -->",
};

/** What the tests of each client are held to. @returns {RecordedClient[]} */
export function readRecords() {
  return readdirSync(RECORDS, { recursive: true, encoding: "utf8" })
    .filter((file) => /^[^/\\]+[/\\]cells(-\w+)?\.json$/.test(file))
    .map((file) => /** @type {RecordedClient} */ (JSON.parse(readFileSync(new URL(file, RECORDS), "utf8"))))
    .sort((one, other) => one.client.localeCompare(other.client, "en"));
}

/**
 * The page with its table brought up to date.
 *
 * @param {string} page
 * @param {readonly RecordedClient[]} records
 */
export function updatePage(page, records) {
  const notes = createNotes();
  /** @param {Cell} cell */
  const show = (cell) => {
    if (cell === "passed") {
      return "passed";
    }
    return "notPossible" in cell
      ? `— (${notes.numberOf(cell.notPossible)})`
      : `(${notes.numberOf(describeShortfall(cell))})`;
  };
  const steps = Object.keys(records[0]?.cells ?? {});
  const rows = records.map(
    ({ client, version, page: file, cells }) =>
      `| ${[`[${client}](${file}) ${version}`, ...Object.values(cells).map(show)].join(" | ")} |`,
  );
  const table = [`| | ${steps.join(" | ")} |`, `|---|${steps.map(() => "---").join("|")}|`, ...rows];
  return replaceBetween(page, LINES, [...table, "", ...notes.list()].join("\n"));
}

/** @param {Exclude<Cell, "passed" | { notPossible: string }>} cell */
function describeShortfall({ sees, next, request }) {
  const proof = request === undefined ? "" : ` The client's fault, by this request: \`${request}\`.`;
  const reads = sees === "" ? "The person reads nothing: the client waits." : `The person reads \`${sees}\`.`;
  return `${reads} What next: ${next}${proof}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, updatePage(readFileSync(PAGE, "utf8"), readRecords()));
}
