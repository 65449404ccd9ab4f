import type { Clock } from "../clock.ts";
import { BoundedMap } from "./bounded-map.ts";
import { type GuardClass, GuardStoreUnavailable } from "./guard-store.ts";

type GuardEntry = readonly [kind: GuardClass, id: string];

export interface DenialViewOptions {
  readonly clock: Clock;
  /** Asks the shared store about entries, in one round trip. Rejects with {@link GuardStoreUnavailable} when it can't answer. */
  readonly lookUp: (entries: readonly GuardEntry[]) => Promise<readonly boolean[]>;
}

/** What this process knows of the denials in a shared store. */
export interface DenialView {
  /** Counts in this process at once and until `expiresAt`, whatever becomes of the shared store. */
  add(kind: GuardClass, id: string, expiresAt: number): void;
  forget(kind: GuardClass, id: string): void;
  /** The first entry that is denied. Asks the shared store about those with no verdict of the last two seconds; while it is down, denials seen earlier still count. */
  denied(entries: readonly GuardEntry[]): Promise<GuardClass | undefined>;
}

/** How long the shared store's verdict is good: seconds. */
const VERDICT_AGE = 2;

/** How long a denial seen in the shared store is remembered for an outage: seconds. */
const OUTAGE_MEMORY = 24 * 60 * 60;

const CAPACITY = 100_000;

/** A view of the denials in a shared store that asks it once in two seconds for each entry, and survives its outage. */
export function createDenialView({ clock, lookUp }: DenialViewOptions): DenialView {
  // All three may evict: the denials themselves are in the shared store.
  const own = new BoundedMap<true>({ capacity: CAPACITY, whenFull: "evict", clock });
  const seen = new BoundedMap<true>({ capacity: CAPACITY, whenFull: "evict", clock });
  const verdicts = new BoundedMap<boolean>({ capacity: CAPACITY, whenFull: "evict", clock });

  function verdictOf(entry: GuardEntry): boolean | undefined {
    const name = nameOf(entry);
    return own.has(name) || verdicts.get(name);
  }

  function learn(entry: GuardEntry, denied: boolean, askedAt: number): void {
    const name = nameOf(entry);
    verdicts.set(name, denied, askedAt + VERDICT_AGE);
    if (denied) {
      seen.set(name, true, clock() + OUTAGE_MEMORY);
    } else {
      seen.delete(name);
    }
  }

  return {
    add(kind, id, expiresAt) {
      const name = nameOf([kind, id]);
      own.set(name, true, Math.max(expiresAt, own.expiresAt(name) ?? 0));
    },

    forget(kind, id) {
      for (const map of [own, seen, verdicts]) {
        map.delete(nameOf([kind, id]));
      }
    },

    async denied(entries) {
      const known = entries.find((entry) => verdictOf(entry) === true);
      const unknown = entries.filter((entry) => verdictOf(entry) === undefined);
      if (known !== undefined || unknown.length === 0) {
        return known?.[0];
      }
      const askedAt = clock();
      try {
        const answers = await lookUp(unknown);
        unknown.forEach((entry, index) => {
          learn(entry, answers[index] === true, askedAt);
        });
        return unknown.find((_entry, index) => answers[index])?.[0];
      } catch (error) {
        if (error instanceof GuardStoreUnavailable) {
          return unknown.find((entry) => seen.has(nameOf(entry)))?.[0];
        }
        throw error;
      }
    },
  };
}

function nameOf([kind, id]: GuardEntry): string {
  return `${kind} ${id}`;
}
