import { ERAS } from "../load/tool-calls.mjs";
import { callCase } from "../measure/calls.mjs";
import { COLD_START } from "../measure/cold-start.mjs";
import { LOGINS, REFRESHES } from "../measure/logins.mjs";
import { REGISTRATIONS } from "../measure/registrations.mjs";
import { SOAK } from "../measure/soak.mjs";
import { medianOf, ratioOf } from "./samples.mjs";

/**
 * @import { Sample } from "./samples.mjs"
 *
 * @typedef {object} Target
 * @property {string} title
 * @property {"at most" | "at least"} bound
 * @property {number} limit
 * @property {(samples: readonly Sample[]) => number | undefined} measure
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

/** Bytes: less is within what a heap can be measured to. */
const NOTHING = 100;

/** @type {readonly Target[]} */
export const TARGETS = [
  ...OURS.flatMap(({ id, name }) =>
    ERAS.flatMap((era) => {
      const [usual, one, fifty] = [10, 1, 50].map((tools) => callCase({ era, tools, connections: 16 }));
      const what = usual ?? "";
      return [
        atMost(3.5, `CPU of a call, ${era}, ${name} / floor`, ratio(what, "cpu", id, "floor")),
        atMost(0.6, `CPU of a call, ${era}, ${name} / SDK with bearer`, ratio(what, "cpu", id, "sdk-bearer")),
        atMost(1, `CPU of a call, ${era}, ${name} / SDK without auth`, ratio(what, "cpu", id, "sdk")),
        atLeast(
          12,
          `Calls by CPU time, ${era}, ${name} / Python FastMCP 4`,
          ratio(what, "capacity", id, "python-fastmcp"),
        ),
        atMost(1, `p99 of a call, ${era}, ${name} / SDK with bearer`, ratio(what, "p99", id, "sdk-bearer")),
        atLeast(0.9, `Calls by CPU time, ${era}, ${name}: 50 tools / 1 tool`, (samples) =>
          divide(medianOf(samples, id, fifty ?? "", "capacity"), medianOf(samples, id, one ?? "", "capacity")),
        ),
      ];
    }),
  ),
  // It serves no later revision.
  ...OURS.flatMap(({ id, name }) => {
    const what = callCase({ era: "2025-11-25", tools: 10, connections: 16 });
    const title = `Calls by CPU time, 2025-11-25, ${name} / npm fastmcp`;
    return [
      atLeast(3.5, title, ratio(what, "capacity", id, "npm-fastmcp")),
      atLeast(3.5, `${title} to the letter`, ratio(what, "capacity", id, "npm-fastmcp-letter")),
      atLeast(3.5, `${title} with its proxy`, ratio(what, "capacity", id, "npm-fastmcp-proxy")),
    ];
  }),
  ...OURS.flatMap(({ id, name }) => [
    atMost(0.6, `Cold start to the first 401, ${name} / SDK with bearer`, ratio(COLD_START, "firstChallenge", id)),
    atMost(1, `Cold start to the first call, ${name} / SDK with bearer`, ratio(COLD_START, "firstCall", id)),
    atMost(1.1, `Idle memory, ${name} / SDK with bearer`, ratio(COLD_START, "idleMemory", id)),
  ]),
  atLeast(3.5, "Logins by CPU time / Python FastMCP 4", ratio(LOGINS, "capacity", "ours-sealed", "python-fastmcp")),
  atLeast(
    4.5,
    "Refreshes by CPU time / Python FastMCP 4",
    ratio(REFRESHES, "capacity", "ours-sealed", "python-fastmcp"),
  ),
  atMost(NOTHING, "Bytes of heap kept by a registration", (samples) =>
    medianOf(samples, "ours-sealed", REGISTRATIONS, "heapKept"),
  ),
  atMost(NOTHING, "Bytes of files kept by a registration", (samples) =>
    medianOf(samples, "ours-sealed", REGISTRATIONS, "storeKept"),
  ),
  atMost(1.05, "Memory under load, last minute / third minute", (samples) =>
    medianOf(samples, "ours-sealed", SOAK, "growth"),
  ),
];

/**
 * @param {readonly Sample[]} samples
 * @returns {TargetResult[]}
 */
export function checkTargets(samples) {
  return TARGETS.map(({ title, bound, limit, measure }) => {
    const value = measure(samples);
    const met = value === undefined ? undefined : bound === "at most" ? value <= limit : value >= limit;
    return { title, bound, limit, value, met };
  });
}

/**
 * @param {number} limit
 * @param {string} title
 * @param {Target["measure"]} measure
 * @returns {Target}
 */
function atMost(limit, title, measure) {
  return { title, bound: "at most", limit, measure };
}

/**
 * @param {number} limit
 * @param {string} title
 * @param {Target["measure"]} measure
 * @returns {Target}
 */
function atLeast(limit, title, measure) {
  return { title, bound: "at least", limit, measure };
}

/**
 * @param {string} what
 * @param {string} value
 * @param {string} subject
 * @param {string} [other]
 * @returns {Target["measure"]}
 */
function ratio(what, value, subject, other = "sdk-bearer") {
  return (samples) => ratioOf(samples, { what, value }, subject, other);
}

/**
 * @param {number | undefined} value
 * @param {number | undefined} by
 */
function divide(value, by) {
  return value === undefined || by === undefined ? undefined : value / by;
}
