import { readFileSync, writeFileSync } from "node:fs";
import { callCase } from "./measure/calls.mjs";
import { measureAll } from "./measure-all.mjs";
import { describeLoss, ratiosIn, worstLoss } from "./report/regression.mjs";
import { SUBJECTS } from "./subjects.mjs";

/**
 * @import { Stage } from "./stage.mjs"
 * @import { Options } from "./options.mjs"
 * @import { Ratios } from "./report/regression.mjs"
 */

const RECORD = new URL("regression.json", import.meta.url);

/** A third of the rate lost is one and a half times the CPU time. */
const LIMIT = 1.4;

const TRIES = 2;

/**
 * Compares what our servers cost, beside the floor and the bare SDK, with what they cost when it was recorded.
 *
 * @param {Stage} stage
 * @param {Options} options
 * @returns {Promise<number>} The exit code.
 */
export async function checkRegression(stage, options) {
  const measured = () => measureRatios(stage, options);
  if (options.record) {
    writeFileSync(RECORD, `${JSON.stringify(await measured(), null, 2)}\n`);
    return 0;
  }
  /** @type {Ratios} */
  const recorded = JSON.parse(readFileSync(RECORD, "utf8"));
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const loss = worstLoss(await measured(), recorded);
    console.log(describeLoss(loss));
    if (loss.times <= LIMIT) {
      return 0;
    }
  }
  console.log(
    `A tool call costs more than ${LIMIT} times the CPU time that it did. If that is meant: npm run bench -- --regression --record`,
  );
  return 1;
}

/**
 * @param {Stage} stage
 * @param {Options} options
 * @returns {Promise<Ratios>}
 */
async function measureRatios(stage, options) {
  const ids = ["floor", "sdk-bearer", "ours-sealed", "ours-jwt"];
  const subjects = SUBJECTS.filter(({ id }) => ids.includes(id));
  const [tools, connections] = [10, 16];
  const { samples, failures } = await measureAll(subjects, stage, {
    ...options,
    ...{ parts: ["calls"], rounds: 2, seconds: 2, warmUpSeconds: 4, warmUpRequests: 4_000 },
    ...{ tools: [tools], connections: [connections] },
  });
  if (failures.length > 0) {
    throw new Error("Not everything could be measured.");
  }
  return ratiosIn(samples, {
    subjects: ids.filter((id) => id.startsWith("ours-")),
    references: ids.filter((id) => !id.startsWith("ours-")),
    cases: options.eras.map((era) => callCase({ era, tools, connections })),
  });
}
