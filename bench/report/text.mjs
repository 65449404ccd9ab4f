import { medianOf, ratioOf } from "./samples.mjs";

/**
 * @import { Run } from "../run-result.mjs"
 * @import { TargetResult } from "./targets.mjs"
 */

/**
 * How a value is written: what it is called, its unit, and how many units one is.
 *
 * @type {Readonly<Record<string, { name: string, scale: number, digits: number }>>}
 */
export const VALUES = {
  cpu: { name: "CPU µs", scale: 1, digits: 0 },
  rate: { name: "per s", scale: 1, digits: 0 },
  p50: { name: "p50 ms", scale: 1, digits: 1 },
  p99: { name: "p99 ms", scale: 1, digits: 1 },
  memory: { name: "memory MB", scale: 1e-6, digits: 0 },
  serverBusy: { name: "server busy", scale: 100, digits: 0 },
  loadBusy: { name: "load busy", scale: 100, digits: 0 },
};

/**
 * A value with its digits, or a dash where nothing was measured.
 *
 * @param {number | undefined} value
 * @param {number} digits
 */
export const format = (value, digits) => (value === undefined ? "–" : value.toFixed(digits));

/**
 * What was measured, for a terminal.
 *
 * @param {Run} run
 */
export function formatText({ samples, subjects, failures, targets }) {
  const cases = [...new Set(samples.map(({ what }) => what))];
  return [
    ...cases.flatMap((what) => [what, ...formatCase(what, samples, subjects), ""]),
    ...failures.map(({ part, subject, reason }) => `Not measured: ${part} of ${subject}: ${reason}`),
    ...targets.map(formatTarget),
  ].join("\n");
}

/**
 * @param {string} what
 * @param {Run["samples"]} samples
 * @param {Run["subjects"]} subjects
 */
function formatCase(what, samples, subjects) {
  const names = Object.keys(samples.find((sample) => sample.what === what)?.values ?? {});
  const measured = subjects.filter(({ id }) => samples.some((sample) => sample.what === what && sample.subject === id));
  const [first] = measured;
  const rows = [
    ["", ...names.flatMap((name) => [VALUES[name]?.name ?? name, "×"])],
    ...measured.map(({ id }) => [
      id,
      ...names.flatMap((value) => {
        const { scale = 1, digits = 1 } = VALUES[value] ?? {};
        const median = medianOf(samples, id, what, value);
        return [
          format(median === undefined ? undefined : median * scale, digits),
          format(ratioOf(samples, { what, value }, id, first?.id ?? ""), 2),
        ];
      }),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map(
    ([name = "", ...cells]) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${cells.map((cell, column) => cell.padStart(widths[column + 1] ?? 0)).join("  ")}`,
  );
}

/** @param {TargetResult} target */
export function formatTarget({ title, bound, limit, value, met }) {
  const verdict = met === undefined ? "not measured" : met ? "met" : "MISSED";
  return `${verdict.padEnd(13)} ${title}: ${format(value, 2)} (${bound} ${limit})`;
}
