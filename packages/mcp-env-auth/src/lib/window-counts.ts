import { BoundedMap } from "./bounded-map.ts";
import type { Clock } from "./clock.ts";

export interface WindowCountsOptions {
  /** Seconds from the first that is counted of a key to when its count begins anew. */
  readonly seconds: number;
  /** How many keys are counted at once. Beyond that, the one whose window ends first is forgotten. */
  readonly capacity: number;
  readonly clock: Clock;
}

/** Counts by key, each in windows of its own. */
export interface WindowCounts {
  of(key: string): number;
  add(key: string): void;
  /** Seconds until the count of `key` begins anew. */
  timeLeft(key: string): number;
}

export function createWindowCounts({ seconds, capacity, clock }: WindowCountsOptions): WindowCounts {
  const counts = new BoundedMap<{ count: number }>({ capacity, whenFull: "evict", clock });
  return {
    of: (key) => counts.get(key)?.count ?? 0,
    add(key) {
      const known = counts.get(key);
      if (known === undefined) {
        counts.set(key, { count: 1 }, clock() + seconds);
      } else {
        known.count += 1;
      }
    },
    timeLeft: (key) => Math.max(0, (counts.expiresAt(key) ?? clock()) - clock()),
  };
}
