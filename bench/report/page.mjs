import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ERAS } from "../load/tool-calls.mjs";
import { callCase } from "../measure/calls.mjs";
import { COLD_START } from "../measure/cold-start.mjs";
import { LOGINS, REFRESHES } from "../measure/logins.mjs";
import { REGISTRATIONS } from "../measure/registrations.mjs";
import { SCAFFOLD } from "../measure/scaffold.mjs";
import { SOAK } from "../measure/soak.mjs";
import { medianOf, ratioOf } from "./samples.mjs";
import { formatValue, VALUES } from "./values.mjs";

/**
 * @import { Options } from "../options.mjs"
 * @import { Run } from "../run-result.mjs"
 * @import { Subject } from "../subjects.mjs"
 */

export const PAGE = fileURLToPath(new URL("../../docs/performance.md", import.meta.url));

/** @param {Run} run */
export function writePage(run) {
  writeFileSync(PAGE, formatPage(run));
}

/**
 * docs/performance.md: what one run measured, and nothing else.
 *
 * @param {Run} run
 */
export function formatPage(run) {
  const calls = ["cpu", "capacity", "rate", "p50", "p99", "memory", "serverBusy", "loadBusy"];
  const { tools, connections } = run.options;
  const others = ERAS.flatMap((era) => [
    ...connections.filter((count) => count !== 16).map((count) => callCase({ era, tools: 10, connections: count })),
    ...tools.filter((count) => count !== 10).map((count) => callCase({ era, tools: count, connections: 16 })),
  ]);
  const usual = ERAS.map((era) => callCase({ era, tools: 10, connections: 16 }));
  const sections = [
    section("Authenticated tool calls", CALLS_TEXT, usual, (what) => table(run, what, "floor", ["cpu"], calls)),
    section("Other numbers of connections and tools", OTHERS_TEXT, others, (what) =>
      table(run, what, "floor", ["cpu"], calls),
    ),
    section("Starting, and idling", COLD_START_TEXT, [COLD_START], (what) => {
      const ratios = ["firstChallenge", "firstCall", "idleMemory"];
      const values = ["firstChallenge", "firstChallengeCpu", "firstCall", "firstCallCpu", "idleMemory"];
      return table(run, what, "sdk-bearer", ratios, values);
    }),
    section("Logins, refreshes, registrations", LOGINS_TEXT, [LOGINS, REFRESHES, REGISTRATIONS], (what) => {
      const values = ["cpu", "capacity", "rate", "serverBusy", "loadBusy"];
      const kept = what === REGISTRATIONS ? ["heapKept", "residentKept", "storeKept"] : [];
      return table(run, what, "python-fastmcp", ["capacity"], [...values, ...kept]);
    }),
    section("A new project", SCAFFOLD_TEXT, [SCAFFOLD], (what) => {
      const milliseconds = medianOf(run.samples, "create-mcp-auth0-server", what, "milliseconds");
      return milliseconds === undefined ? "" : `${Math.round(milliseconds)} ms.`;
    }),
    section("Ten minutes under load", SOAK_TEXT, [SOAK], (what) =>
      table(run, what, "ours-sealed", [], ["requests", "thirdMinute", "lastMinute", "growth"]),
    ),
  ];
  return `${[introduction(run), targets(run), ...sections, notMeasured(run), REPEAT].filter((part) => part !== "").join("\n\n")}\n`;
}

const CALLS_TEXT =
  "A call of a tool that greets, among ten tools, over 16 connections. × is how many times the floor's CPU time a call takes. “Per s of CPU” is what a core of its own would give: the rate by which servers are compared, since it does not depend on what else the machine does; the floor (node:http, an RS256 check, JSON) is no MCP server.";
const OTHERS_TEXT =
  "Each measurement opens its connections; with 256 of them, some wait for their first answer for as long as it takes the server to come to them, and p99 shows it.";
const COLD_START_TEXT =
  "From the start of the process: to the first 401, and to the first good answer with a token from before. With each, the CPU time that the process had used by then. Memory two seconds later. × is of the SDK's server with its bearer middleware.";
const LOGINS_TEXT =
  "Eight clients at a time, scripted through the consent page, against the same stand-in for Auth0. A login is everything from /authorize to the tokens. × is how many times as many as Python FastMCP 4 does with the same CPU time. CPU is the server's, in µs for one. What a registration leaves: in the heap after a garbage collection, in the process (a process rarely gives memory back, so this is an upper bound), and in files.";
const SCAFFOLD_TEXT =
  "`create-mcp-auth0-server my-app --yes --no-install --no-git`, from the start of the process to its end:";
const SOAK_TEXT =
  "Both protocol revisions at once, over 16 connections. The least memory within the third minute, and within the last.";
const REPEAT = `## Do it again

\`\`\`sh
npm run bench -- --soak --json soak.json      # ten minutes under load
npm run bench -- --with soak.json --write     # everything else, and this page
npm run bench -- --quick                      # a few minutes
npm run bench -- --check                      # exit code 1 when a target is missed
\`\`\`

[bench/README.md](../bench/README.md) says how it measures and how to read it.`;

/** @param {Run} run */
function introduction({ machine, earlier, startedAt, options, samples }) {
  const { cores, processor, memory, system, node, sdk, peers, pinned } = machine;
  const place = pinned
    ? "the server on one, the load, the identity provider and everything else on another"
    : "processes could not be pinned to cores";
  const runs = [...earlier, machine];
  const parts = runs.length === 1 ? "" : `, from ${runs.length} runs (parts can be measured apart)`;
  const first = runs.filter(({ priority }) => priority).length;
  const ofRuns = first === runs.length ? "" : ` in ${first} of the ${runs.length} runs`;
  const rank = first === 0 ? "" : `; before other work on the machine${ofRuns}`;
  return `# Performance

Written by \`npm run bench -- --write\`${parts}, in which every server was started afresh, warmed up and measured in turn, round by round. Ratios are of two servers within a round; all numbers are medians of the rounds. Absolute numbers are this machine's, and other work was going on where a server's core was not busy; ratios of CPU time carry furthest.

| | |
|---|---|
| when | ${startedAt.slice(0, 10)} |
| machine | ${cores} cores (${processor}), ${memory} GiB, ${system} |
| versions | Node.js ${node}, MCP SDK ${sdk}; ${peers.join(", ")} |
| placing | ${place}${rank} |
| rounds | ${describeRounds(options, countRounds(samples))} |`;
}

/** @param {Run["samples"]} samples */
function countRounds(samples) {
  const calls = samples.filter(({ values }) => values.p99 !== undefined);
  return new Set((calls.length > 0 ? calls : samples).map(({ round }) => round)).size;
}

/**
 * @param {Options} options
 * @param {number} rounds
 */
function describeRounds({ seconds, warmUpSeconds }, rounds) {
  return `${rounds}, each measurement of calls ${seconds} s after a warm-up of at least ${warmUpSeconds} s and 10,000 requests`;
}

/** @param {Run} run */
function targets({ targets }) {
  const measured = targets.filter(({ met }) => met !== undefined);
  if (measured.length === 0) {
    return "";
  }
  const rows = measured.map(
    ({ title, bound, limit, value, met }) =>
      `| ${title} | ${value?.toFixed(2)} | ${bound} ${limit} | ${met ? "met" : "**missed**"} |`,
  );
  return ["## Targets", "", "| what | measured | target | |", "|---|--:|--:|---|", ...rows].join("\n");
}

/**
 * @param {string} title
 * @param {string} text
 * @param {readonly string[]} cases
 * @param {(what: string) => string} format Empty where nothing was measured.
 */
function section(title, text, cases, format) {
  const parts = cases.flatMap((what) => {
    const content = format(what);
    return content === "" ? [] : [...(what === title ? [] : [`### ${what}`]), content];
  });
  return parts.length === 0 ? "" : [`## ${title}`, ...(text === "" ? [] : [text]), ...parts].join("\n\n");
}

/**
 * @param {Run} run
 * @param {string} what
 * @param {string} reference Whose share ratios are of.
 * @param {readonly string[]} ratios Values that are given as ratios first.
 * @param {readonly string[]} values
 */
function table({ samples, subjects }, what, reference, ratios, values) {
  const measured = subjects.filter(({ id }) => samples.some((one) => one.what === what && one.subject === id));
  if (measured.length === 0) {
    return "";
  }
  const heads = [...ratios.map((value) => `${name(value)}, ×`), ...values.map(name)];
  const row = (/** @type {Subject} */ { id, title }) => {
    const compared = ratios.map((value) => ratioOf(samples, { what, value }, id, reference)?.toFixed(2) ?? "–");
    const plain = values.map((value) => formatValue(value, medianOf(samples, id, what, value)));
    return `| ${title} | ${[...compared, ...plain].join(" | ")} |`;
  };
  return [`| server | ${heads.join(" | ")} |`, `|---|${heads.map(() => "--:|").join("")}`, ...measured.map(row)].join(
    "\n",
  );
}

/** @param {string} value */
function name(value) {
  return VALUES[value]?.name ?? value;
}

/** @param {Run} run */
function notMeasured({ failures, subjects }) {
  const sessions = subjects
    .filter(({ eras }) => eras.length < ERAS.length)
    .map(({ title, eras }) => `- ${title}: serves ${eras.join(", ")} only.`);
  const failed = [...new Set(failures.map(({ part, subject, reason }) => `- ${subject}, ${part}: ${reason}`))];
  const lines = [...sessions, ...failed];
  return lines.length === 0 ? "" : ["## Not measured", "", ...lines].join("\n");
}
