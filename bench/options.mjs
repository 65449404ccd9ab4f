import { parseArgs } from "node:util";
import { ERAS } from "./load/tool-calls.mjs";

/** @import { Era } from "./load/tool-calls.mjs" */

/** What can be measured, in this order. The soak takes ten minutes and has to be asked for. */
export const PARTS = /** @type {const} */ (["calls", "cold-start", "logins", "registrations", "scaffold", "soak"]);

export const USAGE = `Measures this project's servers beside others, in one run.

Usage: npm run bench -- [options]

  --quick               a few minutes: fewer rounds, shorter, ten tools and 16 connections only
  --only <ids>          only these servers (--list says which there are)
  --parts <names>       only these of ${PARTS.join(", ")} (default: all but soak)
  --soak                only our server under load for ten minutes
  --soak-minutes <n>    or for so many, at least 4
  --rounds <n>          how often each server is started and measured (default 3)
  --seconds <n>         of each measurement of calls (default 3)
  --warm-up <n>         seconds of warm-up before it, and at least 10,000 requests (default 5)
  --eras <versions>     of ${ERAS.join(", ")}
  --tools <counts>      (default 1,10,50)
  --connections <counts>  (default 1,16,256)
  --against <folder>    measures our servers also as that checkout of this repository has them built
  --priority            puts what is measured before other work on the machine, where the user may
  --no-peers            installs and measures no other project
  --check               exit code 1 when a target is missed
  --write               writes docs/performance.md
  --json <file>         writes what was measured
  --with <files>        adds what earlier runs wrote so, such as a soak
  --regression          the short check that CI runs; --record writes what it compares with
  --list
  --help
`;

/**
 * @typedef {object} Options
 * @property {"measure" | "regression" | "list" | "help"} run
 * @property {readonly string[] | undefined} only
 * @property {readonly (typeof PARTS[number])[]} parts
 * @property {number} rounds
 * @property {number} seconds
 * @property {number} warmUpSeconds
 * @property {number} warmUpRequests
 * @property {number} soakMinutes
 * @property {readonly Era[]} eras
 * @property {readonly number[]} tools
 * @property {readonly number[]} connections
 * @property {string | undefined} against
 * @property {boolean} priority
 * @property {boolean} peers
 * @property {boolean} check
 * @property {boolean} write
 * @property {boolean} record
 * @property {string | undefined} json
 * @property {readonly string[]} with
 */

/**
 * @param {readonly string[]} args
 * @returns {Options}
 * @throws {Error} with a sentence about what can't be understood.
 */
export function readOptions(args) {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      parts: { type: "string" },
      soak: { type: "boolean", default: false },
      "soak-minutes": { type: "string", default: "10" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      "warm-up": { type: "string", default: "5" },
      eras: { type: "string", default: ERAS.join(",") },
      tools: { type: "string" },
      connections: { type: "string" },
      against: { type: "string" },
      priority: { type: "boolean", default: false },
      "no-peers": { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      with: { type: "string" },
      json: { type: "string" },
      regression: { type: "boolean", default: false },
      record: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick } = values;
  return {
    run: values.help ? "help" : values.list ? "list" : values.regression ? "regression" : "measure",
    only: values.only?.split(","),
    parts: values.soak
      ? ["soak"]
      : values.parts === undefined
        ? PARTS.slice(0, -1)
        : oneOf(values.parts, PARTS, "parts"),
    rounds: number(values.rounds ?? (quick ? "2" : "3"), "rounds"),
    seconds: number(values.seconds ?? (quick ? "2" : "3"), "seconds"),
    warmUpSeconds: number(values["warm-up"], "warm-up"),
    warmUpRequests: 10_000,
    soakMinutes: Math.max(4, number(values["soak-minutes"], "soak-minutes")),
    eras: oneOf(values.eras, ERAS, "eras"),
    tools: numbers(values.tools ?? (quick ? "10" : "1,10,50"), "tools"),
    connections: numbers(values.connections ?? (quick ? "16" : "1,16,256"), "connections"),
    against: values.against,
    priority: values.priority,
    peers: !values["no-peers"],
    check: values.check,
    write: values.write,
    record: values.record,
    json: values.json,
    with: values.with?.split(",") ?? [],
  };
}

/**
 * @param {string} text
 * @param {string} option
 */
function number(text, option) {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0 && value <= 3600) {
    return value;
  }
  throw new Error(`--${option} must be a number above 0 and at most 3600, not "${text}".`);
}

/**
 * @param {string} text
 * @param {string} option
 */
const numbers = (text, option) => text.split(",").map((part) => number(part, option));

/**
 * @template {string} T
 * @param {string} text
 * @param {readonly T[]} allowed
 * @param {string} option
 * @returns {T[]}
 */
function oneOf(text, allowed, option) {
  return text.split(",").map((part) => {
    const found = allowed.find((value) => value === part);
    if (found === undefined) {
      throw new Error(`--${option} takes ${allowed.join(", ")}, not "${part}".`);
    }
    return found;
  });
}
