import { BoundedMap } from "./bounded-map.ts";
import type { Clock } from "./clock.ts";

/** The part of a space that many use which one of them may have. */
export const SHARE = 1 / 10;

/** How finely time is told: what was taken counts for up to a tenth longer than it has to. */
const SLICES = 10;

/** Owners that are counted at once. Beyond that, the one that took something the longest ago is forgotten. */
const MAX_OWNERS = 100_000;

export interface SharesOptions {
  /** How much one owner may have at once. */
  readonly limit: number;
  /** Seconds for which what an owner has taken counts. */
  readonly seconds: number;
  readonly clock: Clock;
}

/** Shares of a space that many use. */
export interface Shares {
  /** Whether `owner` has its share already. */
  isUsedUp(owner: string): boolean;
  take(owner: string): void;
}

interface Taken {
  /** By slice of time: one for each, and the one that has begun. */
  readonly counts: number[];
  slice: number;
}

export function createShares({ limit, seconds, clock }: SharesOptions): Shares {
  const length = seconds / SLICES;
  const owners = new BoundedMap<Taken>({ capacity: MAX_OWNERS, whenFull: "evict", clock });

  function current(owner: string): Taken {
    const slice = Math.floor(clock() / length);
    const taken = owners.get(owner) ?? { counts: Array<number>(SLICES + 1).fill(0), slice };
    const passed = Math.min(slice - taken.slice, taken.counts.length);
    for (let index = 1; index <= passed; index++) {
      taken.counts[(taken.slice + index) % taken.counts.length] = 0;
    }
    taken.slice = slice;
    return taken;
  }

  return {
    isUsedUp: (owner) => current(owner).counts.reduce((sum, count) => sum + count, 0) >= limit,
    take(owner) {
      const taken = current(owner);
      const { counts, slice } = taken;
      const place = slice % counts.length;
      counts[place] = (counts[place] ?? 0) + 1;
      owners.set(owner, taken, (slice + 1 + SLICES) * length);
    },
  };
}
