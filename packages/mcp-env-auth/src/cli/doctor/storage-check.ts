import { ConfigError } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { openGuardStore } from "../../store/open-guard-store.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

/** Whether the guard store answers, and keeps what it is given. */
export async function checkStorage(url: string, clock: Clock): Promise<Finding[]> {
  if (url.startsWith("memory:")) {
    return [
      ok(
        "storage",
        "Used and denied ids are kept in memory: fine for one replica. Several find replays and revocations of the others by FASTMCP_STORAGE_URL=redis://…",
      ),
    ];
  }
  const warnings: string[] = [];
  const note = (_fields: object, message: string) => void warnings.push(message);
  try {
    const store = await openGuardStore(url, { clock, logger: { debug() {}, info() {}, warn: note, error: note } });
    try {
      if (await store.healthy()) {
        return [ok("storage", "Redis answers."), ...warnings.map((message) => warning("storage", message))];
      }
      return [
        failure(
          "storage",
          "Redis does not answer within half a second.",
          "Check FASTMCP_STORAGE_URL and the Redis server.",
        ),
      ];
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ message }) => failure("storage", `FASTMCP_STORAGE_URL ${message}`));
    throw error;
  }
}
