import { createServer } from "node:net";

/**
 * A port on 127.0.0.1 that nobody listens on at the moment.
 *
 * @param {number} [preferred] Taken when it is free.
 * @returns {Promise<number>}
 */
export async function freePort(preferred = 0) {
  const server = createServer();
  /** @type {boolean} */
  const bound = await new Promise((resolve) => {
    server.once("error", () => resolve(false)).listen(preferred, "127.0.0.1", () => resolve(true));
  });
  if (!bound) return freePort();
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
