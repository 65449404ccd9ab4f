import { ERAS } from "../load/tool-calls.mjs";
import { callCase } from "../measure/calls.mjs";
import { ratioOf } from "./samples.mjs";

/**
 * @import { Sample } from "./samples.mjs"
 *
 * @typedef {object} Target
 * @property {string} title
 * @property {"at most" | "at least"} bound
 * @property {number} limit
 * @property {(samples: readonly Sample[]) => number | undefined} value
 *
 * @typedef {object} TargetResult
 * @property {string} title
 * @property {"at most" | "at least"} bound
 * @property {number} limit
 * @property {number | undefined} value
 * @property {boolean | undefined} met `undefined` when it was not measured.
 */

const OURS = [
  { id: "ours-sealed", name: "sealed token" },
  { id: "ours-jwt", name: "JWT" },
];

/** @type {Target[]} */
export const TARGETS = [
  ...OURS.flatMap(({ id, name }) =>
    ERAS.flatMap((era) => {
      const what = callCase({ era, tools: 10, connections: 16 });
      return [
        atMost(3.5, `CPU of a call, ${name}, ${era}: of the floor's`, { what, value: "cpu" }, id, "floor"),
        atMost(
          0.6,
          `CPU of a call, ${name}, ${era}: of the SDK's with bearer`,
          { what, value: "cpu" },
          id,
          "sdk-bearer",
        ),
        atMost(1, `CPU of a call, ${name}, ${era}: of the SDK's without auth`, { what, value: "cpu" }, id, "sdk"),
        atMost(1, `p99 of a call, ${name}, ${era}: of the SDK's with bearer`, { what, value: "p99" }, id, "sdk-bearer"),
      ];
    }),
  ),
];

/**
 * @param {readonly Sample[]} samples
 * @returns {TargetResult[]}
 */
export function checkTargets(samples) {
  return TARGETS.map(({ title, bound, limit, value: measure }) => {
    const value = measure(samples);
    const met = value === undefined ? undefined : bound === "at most" ? value <= limit : value >= limit;
    return { title, bound, limit, value, met };
  });
}

/**
 * @param {number} limit
 * @param {string} title
 * @param {{ what: string, value: string }} measured
 * @param {string} subject
 * @param {string} other
 * @returns {Target}
 */
function atMost(limit, title, measured, subject, other) {
  return { title, bound: "at most", limit, value: (samples) => ratioOf(samples, measured, subject, other) };
}
