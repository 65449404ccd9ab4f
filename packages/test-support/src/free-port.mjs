import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that systems hand out by themselves: from 32768 on Linux, from 49152 elsewhere. One of those may
 * become the local end of any connection before its server listens.
 */
const [LOWEST, HIGHEST] = [10_240, 32_767];

/**
 * A port on 127.0.0.1 that nobody listens on at the moment.
 *
 * @param {number} [preferred] Taken when it is free.
 * @returns {Promise<number>}
 */
export async function freePort(preferred = randomInt(LOWEST, HIGHEST + 1)) {
  const server = createServer();
  /** @type {boolean} */
  const bound = await new Promise((resolve) => {
    server.once("error", () => resolve(false)).listen(preferred, "127.0.0.1", () => resolve(true));
  });
  if (!bound) {
    return freePort();
  }
  await new Promise((resolve) => server.close(resolve));
  return preferred;
}
