import { generateLoad } from "../load/generate-load.mjs";
import { cpuSeconds, residentBytes } from "../machine/process-usage.mjs";
import { startMeasuredServer } from "../measured-server.mjs";

/**
 * @import { Era } from "../load/tool-calls.mjs"
 * @import { MeasuredServer } from "../measured-server.mjs"
 * @import { Stage } from "../stage.mjs"
 * @import { Sample } from "../report/samples.mjs"
 * @import { Subject } from "../subjects.mjs"
 *
 * @typedef {object} CallOptions
 * @property {number} round
 * @property {readonly Era[]} eras
 * @property {number} tools
 * @property {readonly number[]} connections
 * @property {number} seconds Of each measurement.
 * @property {number} warmUpSeconds At least so long,
 * @property {number} warmUpRequests and so many requests, before anything is measured.
 */

/**
 * The name of a case.
 *
 * @param {{ era: Era, tools: number, connections: number }} options
 */
export const callCase = ({ era, tools, connections }) =>
  `${era}, ${tools} ${tools === 1 ? "tool" : "tools"}, ${connections} ${connections === 1 ? "connection" : "connections"}`;

/** A server slower than this many times its warm-up is measured all the same. */
const MAX_WARM_UP = 4;

/**
 * Measures a server's tool calls in a fresh process.
 *
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {CallOptions} options
 * @returns {Promise<Sample[]>}
 */
export async function measureCalls(subject, stage, options) {
  const { round, tools, connections: all, seconds } = options;
  const eras = options.eras.filter((era) => subject.eras.includes(era));
  const server = await startMeasuredServer(subject, stage, { tools });
  try {
    // Only a compiler at run time needs many requests to be done.
    const warmUpRequests = subject.interpreted ? 0 : options.warmUpRequests;
    for (const era of eras) {
      await warmUp(server, era, { ...options, warmUpRequests, share: 1 / eras.length });
    }
    const samples = [];
    for (const connections of all) {
      for (const era of eras) {
        const cpu = cpuSeconds(server.process.pid);
        const load = await generateLoad(server.origin, server.calls(era, tools), { connections, seconds });
        const used = cpuSeconds(server.process.pid) - cpu;
        samples.push({
          subject: subject.id,
          what: callCase({ era, tools, connections }),
          round,
          values: {
            /** Of the server for one request: microseconds. */
            cpu: (used / load.requests) * 1e6,
            /** Requests a second. */
            rate: load.requests / load.seconds,
            /** Requests a second of CPU time: what a core of its own would give. */
            capacity: load.requests / used,
            /** Milliseconds. */
            p50: load.p50,
            p99: load.p99,
            /** Bytes. */
            memory: residentBytes(server.process.pid),
            /** The parts of the time that the server and the load generator used their cores. */
            serverBusy: used / load.seconds,
            loadBusy: load.loadBusy,
          },
        });
      }
    }
    return samples;
  } finally {
    await server.process.stop();
  }
}

/**
 * @param {MeasuredServer} server
 * @param {Era} era
 * @param {CallOptions & { share: number }} options
 */
async function warmUp({ origin, calls }, era, { tools, warmUpSeconds, warmUpRequests, share }) {
  const seconds = warmUpSeconds * share;
  await generateLoad(origin, calls(era, tools), {
    connections: 16,
    seconds,
    requests: warmUpRequests * share,
    maxSeconds: seconds * MAX_WARM_UP,
  });
}
