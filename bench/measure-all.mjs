import { planRound } from "./plan.mjs";

/**
 * @import { Stage } from "./stage.mjs"
 * @import { Options, PARTS } from "./options.mjs"
 * @import { Sample } from "./report/samples.mjs"
 * @import { Subject } from "./subjects.mjs"
 *
 * @typedef {{ part: typeof PARTS[number] | "installation", subject: string, reason: string }} Failure What could not be measured, and why.
 */

/**
 * Measures round by round: every server once before any is measured again, and in each round anyone first.
 *
 * @param {readonly Subject[]} subjects
 * @param {Stage} stage
 * @param {Options} options
 * @returns {Promise<{ samples: Sample[], failures: Failure[] }>}
 */
export async function measureAll(subjects, stage, options) {
  /** @type {Sample[]} */
  const samples = [];
  /** @type {Failure[]} */
  const failures = [];
  for (let round = 1; round <= options.rounds; round++) {
    for (const step of fromAnyPlace(planRound(subjects, stage, options, round))) {
      console.error(`Round ${round} of ${options.rounds}: ${step.part}, ${step.title} …`);
      try {
        samples.push(...(await step.measure()));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        console.error(`  failed: ${reason}`);
        failures.push({ part: step.part, subject: step.subject, reason: reason.split("\n")[0] ?? "" });
      }
    }
  }
  return { samples, failures };
}

/**
 * The list, begun anywhere, so that over the rounds nobody is always first.
 *
 * @template T
 * @param {readonly T[]} list
 */
function fromAnyPlace(list) {
  const start = Math.floor(Math.random() * list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}
