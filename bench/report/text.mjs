import { medianOf, ratioOf } from "./samples.mjs";
import { formatValue, VALUES } from "./values.mjs";

/**
 * @import { Run } from "../run-result.mjs"
 * @import { TargetResult } from "./targets.mjs"
 */

/**
 * What was measured, for a terminal. × is of the first server in a table.
 *
 * @param {Run} run
 */
export function formatText({ samples, subjects, failures, targets, machine }) {
  const cases = [...new Set(samples.map(({ what }) => what))];
  return [
    ...(machine.pinned ? [] : ["Processes could not be pinned to cores here.", ""]),
    ...cases.flatMap((what) => [what, ...formatCase(what, samples, subjects), ""]),
    ...failures.map(({ part, subject, reason }) => `Not measured: ${part} of ${subject}: ${reason}`),
    ...targets.filter(({ met }) => met !== undefined).map(formatTarget),
  ].join("\n");
}

/**
 * @param {string} what
 * @param {Run["samples"]} samples
 * @param {Run["subjects"]} subjects
 */
function formatCase(what, samples, subjects) {
  const here = samples.filter((sample) => sample.what === what);
  const measured = new Set(here.map(({ subject }) => subject));
  const ids = [...subjects.map(({ id }) => id).filter((id) => measured.delete(id)), ...measured];
  const [first = ""] = ids;
  const names = [...new Set(here.flatMap(({ values }) => Object.keys(values)))];
  const rows = [
    ["", ...names.flatMap((name) => [VALUES[name]?.name ?? name, "×"])],
    ...ids.map((id) => [
      id,
      ...names.flatMap((value) => [
        formatValue(value, medianOf(here, id, what, value)),
        ratioOf(here, { what, value }, id, first)?.toFixed(2) ?? "–",
      ]),
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (/** @type {string} */ text, /** @type {number} */ column) =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join("  ")}`);
}

/** @param {TargetResult} target */
function formatTarget({ title, bound, limit, value, met }) {
  return `${met ? "met   " : "MISSED"} ${title}: ${value?.toFixed(2)} (${bound} ${limit})`;
}
