import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import type { Quota } from "./guard-store.ts";

/** Whose quotas are counted at once. Beyond that, the count that ends first is forgotten. */
const MAX_COUNTED = 100_000;

/** Counts of quotas in this process. */
export interface QuotaCounts {
  /** As `GuardStore.take`. */
  take(quotas: readonly Quota[], cost: number, window: number): number;
}

export function createQuotaCounts(clock: Clock): QuotaCounts {
  const counts = new BoundedMap<{ used: number }>({ capacity: MAX_COUNTED, whenFull: "evict", clock });
  return {
    take(quotas, cost, window) {
      const full = quotas.filter(({ id, limit }) => (counts.get(id)?.used ?? 0) + cost > limit);
      if (full.length > 0) {
        const now = clock();
        return Math.max(...full.map(({ id }) => (counts.expiresAt(id) ?? now + window) - now));
      }
      for (const { id } of quotas) {
        const count = counts.get(id);
        if (count === undefined) {
          counts.set(id, { used: cost }, clock() + window);
        } else {
          count.used += cost;
        }
      }
      return 0;
    },
  };
}
