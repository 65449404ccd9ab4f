import { ratioOf } from "./samples.mjs";

/**
 * @import { Sample } from "./samples.mjs"
 *
 * @typedef {Record<string, Record<string, number>>} Ratios For each of our servers in each case: how many times the
 *   CPU time of each server that it is compared with.
 *
 * @typedef {{ what: string, times: number }} Loss How many times as much as was recorded.
 */

/**
 * @param {readonly Sample[]} samples
 * @param {{ subjects: readonly string[], references: readonly string[], cases: readonly string[] }} options
 * @returns {Ratios}
 */
export function ratiosIn(samples, { subjects, references, cases }) {
  const rows = subjects.flatMap((subject) =>
    cases.map((what) => {
      const ratios = references.map((reference) => {
        const ratio = ratioOf(samples, { what, value: "cpu" }, subject, reference) ?? Number.NaN;
        return [reference, Number(ratio.toFixed(2))];
      });
      return [`${subject}, ${what}`, Object.fromEntries(ratios)];
    }),
  );
  return Object.fromEntries(rows);
}

/**
 * The worst change for the worse. A server costs more only when it does beside everything that it is compared with:
 * otherwise it is the other that was disturbed.
 *
 * @param {Ratios} measured
 * @param {Ratios} recorded
 * @returns {Loss} `times` is NaN for what is recorded and was not measured.
 */
export function worstLoss(measured, recorded) {
  const losses = Object.entries(recorded).map(([what, references]) => {
    const times = Object.entries(references).map(([id, before]) => (measured[what]?.[id] ?? Number.NaN) / before);
    return { what, times: Math.min(...times) };
  });
  const unmeasured = losses.find(({ times }) => Number.isNaN(times));
  const [worst = { what: "nothing", times: Number.NaN }] = losses.sort((a, b) => b.times - a.times);
  return unmeasured ?? worst;
}

/** @param {Loss} loss */
export function describeLoss({ what, times }) {
  return `At worst ${times.toFixed(2)} times the recorded CPU time (${what})`;
}
