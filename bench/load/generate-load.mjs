import { createHistogram } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";

/** @import { Requests } from "./tool-calls.mjs" */

const NANOSECONDS = 1e6;
const REQUEST_TIMEOUT = 10_000;

/**
 * @typedef {object} Load
 * @property {number} requests All of them answered rightly.
 * @property {number} seconds
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 * @property {number} loadBusy The part of the time that the generator itself was busy: near 1, it is what was measured.
 *
 * @typedef {object} LoadOptions
 * @property {number} connections Each keeps one request in flight.
 * @property {number} seconds At least so long,
 * @property {number} [requests] and at least so many requests,
 * @property {number} [maxSeconds] but no longer than this.
 */

/**
 * Sends requests over kept connections as fast as they are answered.
 *
 * @param {string} origin
 * @param {Requests} requests
 * @param {LoadOptions} options
 * @returns {Promise<Load>}
 * @throws {Error} with the first answer that is not the right one: an error is never counted as fast.
 */
export async function generateLoad(origin, requests, options) {
  const { connections, seconds, requests: wanted = 0, maxSeconds = seconds } = options;
  const latency = createHistogram({ highest: 60_000 * NANOSECONDS, figures: 3 });
  const clients = Array.from(
    { length: connections },
    () => new Client(origin, { pipelining: 1, bodyTimeout: REQUEST_TIMEOUT, headersTimeout: REQUEST_TIMEOUT }),
  );
  let sent = 0;
  let answered = 0;
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const isOver = () => {
    const passed = (performance.now() - startedAt) / 1000;
    return passed >= maxSeconds || (passed >= seconds && answered >= wanted);
  };
  const work = async (/** @type {Client} */ client) => {
    while (!isOver()) {
      const number = ++sent;
      const at = performance.now();
      const { status, text } = await exchange(client, requests, number);
      latency.record(Math.max(1, Math.round((performance.now() - at) * NANOSECONDS)));
      if (!requests.isAnswered(status, text, number)) {
        throw new Error(`Request ${number} was answered with ${status}: ${text.slice(0, 500)}`);
      }
      answered += 1;
    }
  };
  try {
    await Promise.all(clients.map(work));
    const passed = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      requests: answered,
      seconds: passed,
      p50: latency.percentile(50) / NANOSECONDS,
      p99: latency.percentile(99) / NANOSECONDS,
      loadBusy: (user + system) / 1e6 / passed,
    };
  } finally {
    await Promise.all(clients.map((client) => client.destroy()));
    // The server sees the connections go before anything else is measured.
    await sleep(20);
  }
}

/**
 * @param {Client} client
 * @param {Requests} requests
 * @param {number} number
 * @returns {Promise<{ status: number, text: string }>}
 */
function exchange(client, { path, headers, body }, number) {
  return new Promise((resolve, reject) => {
    let status = 0;
    /** @type {Buffer[]} */
    const chunks = [];
    client.dispatch(
      { path, method: "POST", headers, body: body(number) },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          const [only] = chunks;
          const whole = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
          resolve({ status, text: whole.toString("utf8") });
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}
