import { discover, login, refresh, register } from "../load/oauth-steps.mjs";
import { cpuSeconds } from "../machine/process-usage.mjs";
import { startMeasuredServer } from "../measured-server.mjs";

/**
 * @import { Session } from "../load/oauth-steps.mjs"
 * @import { Stage } from "../stage.mjs"
 * @import { Sample } from "../report/samples.mjs"
 * @import { ServerProcess } from "../server-process.mjs"
 * @import { Subject } from "../subjects.mjs"
 */

export const LOGINS = "Logins through the proxy";
export const REFRESHES = "Refreshes through the proxy";

/** How many clients log in at the same time. */
const CLIENTS = 8;

/**
 * Measures logins (consent, login at the identity provider, callback, code exchange) and refreshes, in a fresh process.
 *
 * @param {Subject} subject
 * @param {Stage} stage
 * @param {{ round: number, seconds: number, warmUpSeconds: number }} options
 * @returns {Promise<Sample[]>}
 */
export async function measureLogins(subject, stage, { round, seconds, warmUpSeconds }) {
  const { process, origin } = await startMeasuredServer(subject, stage, { tools: 10 });
  try {
    const proxy = await discover(origin);
    const clientIds = await Promise.all(Array.from({ length: CLIENTS }, () => register(proxy)));
    const logIn = (/** @type {string} */ clientId) => login(proxy, clientId);
    await repeat(
      clientIds.map((clientId) => () => logIn(clientId)),
      warmUpSeconds,
    );
    const logins = await measure(process, () =>
      repeat(
        clientIds.map((clientId) => () => logIn(clientId)),
        seconds,
      ),
    );

    /** @type {Session[]} */
    const sessions = await Promise.all(clientIds.map(logIn));
    const refreshers = sessions.map((first) => {
      let session = first;
      return async () => {
        session = await refresh(proxy, session);
      };
    });
    await repeat(refreshers, warmUpSeconds / 2);
    const refreshes = await measure(process, () => repeat(refreshers, seconds));
    return [
      { subject: subject.id, what: LOGINS, round, values: logins },
      { subject: subject.id, what: REFRESHES, round, values: refreshes },
    ];
  } finally {
    await process.stop();
  }
}

/**
 * Does each of the works again and again, all at the same time.
 *
 * @param {readonly (() => Promise<unknown>)[]} works
 * @param {number} seconds
 * @returns {Promise<number>} How often they were done.
 */
async function repeat(works, seconds) {
  const until = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(
    works.map(async (work) => {
      while (performance.now() < until) {
        await work();
        done += 1;
      }
    }),
  );
  return done;
}

/**
 * @param {ServerProcess} server
 * @param {() => Promise<number>} work
 */
async function measure(server, work) {
  const startedAt = performance.now();
  const cpu = cpuSeconds(server.pid);
  const loadCpu = process.cpuUsage();
  const done = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const used = cpuSeconds(server.pid) - cpu;
  const { user, system } = process.cpuUsage(loadCpu);
  return {
    cpu: (used / done) * 1e6,
    rate: done / seconds,
    capacity: done / used,
    serverBusy: used / seconds,
    /** With the identity provider, which runs beside the load. */
    loadBusy: (user + system) / 1e6 / seconds,
  };
}
