import { setTimeout as sleep } from "node:timers/promises";
import { toolCalls } from "../load/tool-calls.mjs";
import { cpuSeconds, residentBytes } from "../machine/process-usage.mjs";
import { credential, launch, startMeasuredServer } from "../measured-server.mjs";

/**
 * @import { Requests } from "../load/tool-calls.mjs"
 * @import { Stage } from "../stage.mjs"
 * @import { Sample } from "../report/samples.mjs"
 * @import { ServerProcess } from "../server-process.mjs"
 * @import { Subject } from "../subjects.mjs"
 */

export const COLD_START = "Cold start with 10 tools";

const TOOLS = 10;
const POLL_INTERVAL = 2;
const GIVE_UP_AFTER = 15_000;
const IDLE = 2_000;

/**
 * Measures the time from the start of a process to its first challenge and to its first authenticated call, with a
 * token from before, and its memory two seconds later.
 *
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {number} round
 * @returns {Promise<Sample[]>}
 */
export async function measureColdStart(subject, stage, round) {
  const era = subject.eras[0] ?? "2025-11-25";
  const token = await tokenFromBefore(subject, stage);
  const calls = toolCalls(era, { tool: `greet_${TOOLS}`, token });
  const { process, origin } = await launch(subject, stage, { tools: TOOLS });
  try {
    const challenged = subject.credential !== "none";
    const withoutToken = toolCalls(era, { tool: `greet_${TOOLS}`, token: undefined });
    if (challenged) {
      await until(process, origin, withoutToken, (status) => status === 401);
    }
    const firstChallenge = performance.now() - process.startedAt;
    const firstChallengeCpu = cpuSeconds(process.pid) * 1000;
    await until(process, origin, calls, (status, text) => calls.isAnswered(status, text, 1));
    const firstCall = performance.now() - process.startedAt;
    const firstCallCpu = cpuSeconds(process.pid) * 1000;
    await sleep(IDLE);
    const idleMemory = residentBytes(process.pid);
    const values = {
      ...(challenged && { firstChallenge, firstChallengeCpu }),
      ...{ firstCall, firstCallCpu, idleMemory },
    };
    return [{ subject: subject.id, what: COLD_START, round, values }];
  } finally {
    await process.stop();
  }
}

/**
 * @param {Subject} subject
 * @param {Stage} stage
 */
async function tokenFromBefore(subject, stage) {
  const server = await startMeasuredServer(subject, stage, { tools: TOOLS });
  try {
    return await credential(subject, stage, server.origin);
  } finally {
    await server.process.stop();
  }
}

/**
 * @param {ServerProcess} process
 * @param {string} origin
 * @param {Requests} requests
 * @param {(status: number, text: string) => boolean} isWanted
 */
async function until(process, origin, { path, headers, body }, isWanted) {
  let last = "nothing";
  while (performance.now() - process.startedAt < GIVE_UP_AFTER && !process.ended()) {
    try {
      const response = await fetch(`${origin}${path}`, { method: "POST", headers, body: body(1) });
      const text = await response.text();
      if (isWanted(response.status, text)) {
        return;
      }
      last = `${response.status} ${text.slice(0, 100)}`;
    } catch {
      // It does not listen yet.
    }
    await sleep(POLL_INTERVAL);
  }
  throw new Error(`The answer that was waited for did not come, but ${last}\nIts log:\n${process.log()}`);
}
