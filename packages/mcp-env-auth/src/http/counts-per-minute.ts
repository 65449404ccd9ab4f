import type { ClientRateLimitInfo, Store } from "express-rate-limit";
import { BoundedMap } from "../lib/bounded-map.ts";
import { MAX_NETWORKS } from "../lib/client-network.ts";
import type { Clock } from "../lib/clock.ts";

export const WINDOW_SECONDS = 60;

interface Count extends ClientRateLimitInfo {
  totalHits: number;
  resetTime: Date;
}

interface BoundedStore extends Store {
  /** The count of the minute that has begun, if any. */
  get(key: string): Count | undefined;
  increment(key: string): Count;
}

/** Counts per address, of no more than {@link MAX_NETWORKS}; beyond that the oldest window is forgotten. */
export function createBoundedStore(clock: Clock, capacity = MAX_NETWORKS): BoundedStore {
  const counts = new BoundedMap<Count>({ capacity, whenFull: "evict", clock });
  return {
    localKeys: true,
    get: (key) => counts.get(key),
    increment(key) {
      const known = counts.get(key);
      if (known !== undefined) {
        known.totalHits += 1;
        return known;
      }
      const end = clock() + WINDOW_SECONDS;
      const count = { totalHits: 1, resetTime: new Date(end * 1000) };
      counts.set(key, count, end);
      return count;
    },
    decrement(key) {
      const known = counts.get(key);
      if (known !== undefined && known.totalHits > 0) {
        known.totalHits -= 1;
      }
    },
    resetKey(key) {
      counts.delete(key);
    },
  };
}
