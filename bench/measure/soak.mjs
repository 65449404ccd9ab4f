import { generateLoad } from "../load/generate-load.mjs";
import { residentBytes } from "../machine/process-usage.mjs";
import { startMeasuredServer } from "../measured-server.mjs";

/**
 * @import { Stage } from "../stage.mjs"
 * @import { Sample } from "../report/samples.mjs"
 * @import { Subject } from "../subjects.mjs"
 */

export const SOAK = "Under load for minutes";

const SAMPLE_INTERVAL = 1_000;
const MINUTE = 60_000;

/**
 * Keeps a server under load, and compares the memory of its last minute with that of its third: of each minute the
 * least, since garbage comes and goes.
 *
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {{ soakMinutes: number }} options At least 4.
 * @returns {Promise<Sample[]>}
 */
export async function measureSoak(subject, stage, { soakMinutes }) {
  const server = await startMeasuredServer(subject, stage, { tools: 10 });
  /** @type {number[]} */
  const leasts = [];
  const startedAt = performance.now();
  const sampler = setInterval(() => {
    const minute = Math.floor((performance.now() - startedAt) / MINUTE);
    leasts[minute] = Math.min(leasts[minute] ?? Number.POSITIVE_INFINITY, residentBytes(server.process.pid));
  }, SAMPLE_INTERVAL);
  try {
    const loads = await Promise.all(
      subject.eras.map((era) =>
        generateLoad(server.origin, server.calls(era, 10), { connections: 8, seconds: soakMinutes * 60 }),
      ),
    );
    const requests = loads.reduce((total, load) => total + load.requests, 0);
    const thirdMinute = leasts[2] ?? Number.NaN;
    const lastMinute = leasts[soakMinutes - 1] ?? Number.NaN;
    const values = { requests, thirdMinute, lastMinute, growth: lastMinute / thirdMinute };
    return [{ subject: subject.id, what: SOAK, round: 1, values }];
  } finally {
    clearInterval(sampler);
    await server.process.stop();
  }
}
