import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generateLoad } from "../load/generate-load.mjs";
import { discover, REGISTRATION } from "../load/oauth-steps.mjs";
import { cpuSeconds, residentBytes } from "../machine/process-usage.mjs";
import { startMeasuredServer } from "../measured-server.mjs";

/**
 * @import { Proxy } from "../load/oauth-steps.mjs"
 * @import { Requests } from "../load/tool-calls.mjs"
 * @import { Stage } from "../stage.mjs"
 * @import { Sample } from "../report/samples.mjs"
 * @import { ServerProcess } from "../server-process.mjs"
 * @import { Subject } from "../subjects.mjs"
 */

export const REGISTRATIONS = "Registrations through the proxy";

const WARM_UP = 2_000;
const MEASURED = 10_000;

/** A slower server is measured with fewer. */
const MAX_SECONDS = 8;

/**
 * @param {Proxy} proxy
 * @returns {Requests}
 */
const registrations = (proxy) => ({
  path: new URL(proxy.register).pathname,
  headers: { "content-type": "application/json" },
  body: (number) => JSON.stringify({ ...REGISTRATION, client_name: `bench ${number}` }),
  isAnswered: (status, text) => status === 201 && text.includes('"client_id"'),
});

/**
 * Measures registrations, and what one leaves behind: in the process, in its heap, and in the files of its store.
 *
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {number} round
 * @returns {Promise<Sample[]>}
 */
export async function measureRegistrations(subject, stage, round) {
  const isNode = subject.command[0] === process.execPath;
  const preload = new URL("../servers/report-heap.mjs", import.meta.url);
  const env = isNode ? { NODE_OPTIONS: `--import=${preload}` } : {};
  const server = await startMeasuredServer(subject, stage, { tools: 10, env });
  const { pid } = server.process;
  const requests = registrations(await discover(server.origin));
  const kept = async () => ({
    heap: isNode ? await heapOf(server.process) : Number.NaN,
    resident: residentBytes(pid),
    store: sizeOf(join(stage.home, subject.id)),
  });
  const send = (/** @type {number} */ count) =>
    generateLoad(server.origin, requests, { connections: 8, seconds: 0, requests: count, maxSeconds: MAX_SECONDS });
  try {
    await send(WARM_UP);
    const before = await kept();
    const cpu = cpuSeconds(pid);
    const load = await send(MEASURED);
    const used = cpuSeconds(pid) - cpu;
    const after = await kept();
    const each = (/** @type {number} */ bytes) => Math.max(0, bytes) / load.requests;
    const values = {
      cpu: (used / load.requests) * 1e6,
      rate: load.requests / load.seconds,
      capacity: load.requests / used,
      serverBusy: used / load.seconds,
      loadBusy: load.loadBusy,
      residentKept: each(after.resident - before.resident),
      storeKept: each(after.store - before.store),
      ...(isNode && { heapKept: each(after.heap - before.heap) }),
    };
    return [{ subject: subject.id, what: REGISTRATIONS, round, values }];
  } finally {
    await server.process.stop();
  }
}

/**
 * @param {ServerProcess} server
 * @returns {Promise<number>} Bytes in use after a garbage collection.
 */
async function heapOf({ pid, log }) {
  const reports = () => [...log().matchAll(/^heap (\d+)$/gm)];
  const before = reports().length;
  process.kill(pid, "SIGUSR2");
  for (let tries = 0; tries < 500 && reports().length === before; tries++) {
    await sleep(10);
  }
  return Number(reports().at(-1)?.[1]);
}

/**
 * @param {string} folder
 * @returns {number} Bytes of all files in it.
 */
function sizeOf(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((total, { parentPath, name }) => total + statSync(join(parentPath, name)).size, 0);
}
