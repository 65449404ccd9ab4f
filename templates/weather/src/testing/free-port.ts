import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below the ports that systems hand out by themselves, one of which may become the local end of any connection before
 * its server listens.
 */
const [LOWEST, HIGHEST] = [10_240, 32_767];

/** A port on 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const port = randomInt(LOWEST, HIGHEST + 1);
  const probe = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!isFree) {
    return freePort();
  }
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
