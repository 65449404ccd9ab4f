// npm run bench: measures this project's servers beside others, in one run.
import { readFileSync, writeFileSync } from "node:fs";
import { setup } from "../scripts/support/setup.mjs";
import { readOptions, USAGE } from "./options.mjs";

setup();
// What follows needs what setup() has installed and built.
const { openStage } = await import("./stage.mjs");
const { describeMachine } = await import("./machine/describe-machine.mjs");
const { measureAll } = await import("./measure-all.mjs");
const { joinRounds } = await import("./report/samples.mjs");
const { installPeers } = await import("./peers.mjs");
const { checkRegression } = await import("./regression.mjs");
const { writePage } = await import("./report/page.mjs");
const { checkTargets } = await import("./report/targets.mjs");
const { formatText } = await import("./report/text.mjs");
const { SUBJECTS, oursAgainst } = await import("./subjects.mjs");

process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});

async function main() {
  const options = readOptions(process.argv.slice(2));
  const all = [...SUBJECTS, ...(options.against === undefined ? [] : oursAgainst(options.against))];
  if (options.run === "help") {
    console.log(USAGE);
    return 0;
  }
  if (options.run === "list") {
    for (const { id, title } of all) {
      console.log(`${id.padEnd(20)}${title}`);
    }
    return 0;
  }
  const unknown = options.only?.find((id) => all.every((subject) => subject.id !== id));
  if (unknown !== undefined) {
    throw new Error(`Unknown server "${unknown}". --list shows the known ones.`);
  }
  const wanted = all.filter(({ id, peer }) => options.only?.includes(id) ?? (options.peers || peer === undefined));

  if (options.run === "regression") {
    return withStage(options, (stage) => checkRegression(stage, options));
  }
  const { subjects, unavailable } = await installPeers(wanted);
  return withStage(options, async (stage) => {
    const machine = describeMachine(stage);
    const startedAt = new Date().toISOString();
    const { samples: measured, failures: failed } = await measureAll(subjects, stage, options);
    const before = options.with.map((file) => JSON.parse(readFileSync(file, "utf8")));
    const samples = joinRounds([...before.map((run) => run.samples), measured]);
    const failures = [...unavailable, ...before.flatMap((run) => run.failures), ...failed];
    const targets = checkTargets(samples);
    const earlier = before.map((run) => run.machine);
    const run = { machine, earlier, startedAt, options, subjects, samples, failures, targets };
    if (options.json !== undefined) {
      writeFileSync(options.json, `${JSON.stringify(run, null, 2)}\n`);
    }
    if (options.write) {
      writePage(run);
    }
    console.log(formatText(run));
    return options.check && targets.some(({ met }) => met === false) ? 1 : 0;
  });
}

/**
 * @template T
 * @param {{ priority: boolean }} options
 * @param {(stage: import("./stage.mjs").Stage) => Promise<T>} use
 */
async function withStage(options, use) {
  const stage = await openStage(options);
  try {
    return await use(stage);
  } finally {
    await stage.close();
  }
}
