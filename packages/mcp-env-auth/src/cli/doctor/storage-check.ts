import { ConfigError } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { openGuardStore } from "../../store/open-guard-store.ts";
import { failure, fromStart, type Observation, ok, warning } from "./finding.ts";

/** Whether the guard store answers, and keeps what it is given. */
export async function checkStorage(url: string, clock: Clock): Promise<Observation[]> {
  if (url.startsWith("memory:")) {
    return [
      ok(
        "Used and denied ids are kept in memory: fine for one replica. With several replicas, set FASTMCP_STORAGE_URL=redis://… to share replay detection and revocation.",
      ),
    ];
  }
  const warnings: string[] = [];
  const note = (_fields: object, message: string) => void warnings.push(message);
  try {
    const store = await openGuardStore(url, { clock, logger: { debug() {}, info() {}, warn: note, error: note } });
    try {
      if (await store.healthy()) {
        return [ok("Redis answers."), ...warnings.map((message) => warning(message))];
      }
      const [down = "Redis does not answer. Check FASTMCP_STORAGE_URL and the Redis server."] = warnings;
      return [{ ...fromStart({ message: down }), status: "failure" }];
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.problems.map(({ message }) => failure(`FASTMCP_STORAGE_URL ${message}`));
    }
    throw error;
  }
}
