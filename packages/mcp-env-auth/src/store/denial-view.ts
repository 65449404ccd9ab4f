import { BoundedMap } from "../lib/bounded-map.ts";
import { type Clock, DAY } from "../lib/clock.ts";
import { denies } from "./guard-entry.ts";
import { type DenialQuery, type GuardClass, GuardStoreUnavailable } from "./guard-store.ts";

export interface DenialViewOptions {
  readonly clock: Clock;
  /**
   * The denials that the shared store has, in one round trip. Rejects with {@link GuardStoreUnavailable} when it can't
   * answer.
   */
  readonly lookUp: (entries: readonly DenialQuery[]) => Promise<readonly (string | undefined)[]>;
}

/** What this process knows of the denials in a shared store. */
export interface DenialView {
  /** Counts in this process at once and until `expiresAt`, whatever becomes of the shared store. */
  add(kind: GuardClass, id: string, value: string, expiresAt: number): void;
  forget(kind: GuardClass, id: string): void;
  /**
   * The first entry that is denied. Asks the shared store about those with no verdict of the last two seconds; while it
   * is down, denials seen earlier still count.
   */
  denied(entries: readonly DenialQuery[]): Promise<GuardClass | undefined>;
}

/** How long the shared store's verdict is good: seconds. */
const VERDICT_AGE = 2;

/** How long a denial seen in the shared store is remembered for an outage: seconds. */
const OUTAGE_MEMORY = DAY;

const CAPACITY = 100_000;

/** A view of the denials in a shared store that asks it once in two seconds for each entry, and survives its outage. */
export function createDenialView({ clock, lookUp }: DenialViewOptions): DenialView {
  // All three may evict: the denials themselves are in the shared store.
  const own = new BoundedMap<string>({ capacity: CAPACITY, whenFull: "evict", clock });
  const seen = new BoundedMap<string>({ capacity: CAPACITY, whenFull: "evict", clock });
  /** What the shared store said: a denial, or "" for none. */
  const verdicts = new BoundedMap<string>({ capacity: CAPACITY, whenFull: "evict", clock });

  function isDenied(entry: DenialQuery): boolean {
    const [, , since] = entry;
    const name = nameOf(entry);
    return denies(own.get(name), since) || denies(verdicts.get(name) || undefined, since);
  }

  function learn(entry: DenialQuery, denial: string | undefined, askedAt: number): void {
    const name = nameOf(entry);
    verdicts.set(name, denial ?? "", askedAt + VERDICT_AGE);
    if (denial !== undefined) {
      seen.set(name, denial, clock() + OUTAGE_MEMORY);
    } else {
      seen.delete(name);
    }
  }

  return {
    add(kind, id, value, expiresAt) {
      const name = nameOf([kind, id]);
      own.set(name, value, Math.max(expiresAt, own.expiresAt(name) ?? 0));
    },

    forget(kind, id) {
      for (const map of [own, seen, verdicts]) {
        map.delete(nameOf([kind, id]));
      }
    },

    async denied(entries) {
      const known = entries.find(isDenied);
      const unknown = entries.filter((entry) => !verdicts.has(nameOf(entry)));
      if (known !== undefined || unknown.length === 0) {
        return known?.[0];
      }
      const askedAt = clock();
      try {
        const denials = await lookUp(unknown);
        unknown.forEach((entry, index) => {
          learn(entry, denials[index], askedAt);
        });
        return unknown.find(([, , since], index) => denies(denials[index], since))?.[0];
      } catch (error) {
        if (error instanceof GuardStoreUnavailable) {
          return unknown.find((entry) => denies(seen.get(nameOf(entry)), entry[2]))?.[0];
        }
        throw error;
      }
    },
  };
}

function nameOf([kind, id]: DenialQuery): string {
  return `${kind} ${id}`;
}
