import { BoundedMap } from "../lib/bounded-map.ts";
import type { Clock } from "../lib/clock.ts";
import { SHARE } from "../lib/shares.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { denies, GUARD_CLASSES, isDenial, ttlMilliseconds } from "./guard-entry.ts";
import { type GuardClass, GuardShareUsedUp, type GuardStore, GuardStoreUnavailable } from "./guard-store.ts";
import { createQuotaCounts } from "./quota-counts.ts";

/** How many live entries a process keeps of each class. */
export type GuardCapacities = Readonly<Record<GuardClass, number>>;

/**
 * A login's refreshes are remembered for as long as its tokens could live, weeks rather than minutes; answers live for
 * seconds but are kilobytes long.
 */
const DEFAULT_CAPACITIES: GuardCapacities = {
  login: 100_000,
  code: 100_000,
  refresh: 500_000,
  lock: 100_000,
  answer: 10_000,
  exchange: 10_000,
  assertion: 100_000,
  "id-jag": 100_000,
  proof: 100_000,
  token: 10_000,
  setting: 5_000,
  "deny-token": 100_000,
  "deny-family": 100_000,
  "deny-subject": 100_000,
  "deny-client": 100_000,
  "deny-session": 100_000,
};

const MAY_GIVE_WAY: ReadonlySet<GuardClass> = new Set(["answer", "setting"]);

export interface MemoryGuardStoreOptions {
  readonly clock: Clock;
  readonly capacities?: Partial<GuardCapacities>;
  /** Is told of a class that is full, once a minute. Default: nobody is. */
  readonly logger?: Logger;
}

/** Seconds between two reports of a class that is full. */
const REPORT_PAUSE = 60;

/**
 * A guard store in this process: strict for one replica, gone at a restart.
 *
 * A class that is full of live entries takes no new ones and rejects with {@link GuardStoreUnavailable}, since to
 * forget a used id or a denial would be to accept it again. Only an `answer` may give way, without which a repeated
 * refresh is no longer answered, and a `setting`, which its client can set again: both are safe.
 */
export function createMemoryGuardStore(options: MemoryGuardStoreOptions): GuardStore {
  const { clock, capacities, logger = silentLogger } = options;
  const quotas = createQuotaCounts(clock);
  const reportedAt = new Map<GuardClass, number>();
  const capacityOf = (kind: GuardClass) => capacities?.[kind] ?? DEFAULT_CAPACITIES[kind];
  const maps = Object.fromEntries(
    GUARD_CLASSES.map((kind) => {
      const capacity = capacityOf(kind);
      const whenFull = MAY_GIVE_WAY.has(kind) ? "evict" : "refuse";
      return [kind, new BoundedMap<string>({ capacity, whenFull, share: Math.ceil(capacity * SHARE), clock })];
    }),
  ) as Record<GuardClass, BoundedMap<string>>;

  function keep(kind: GuardClass, id: string, value: string, ttl: number, owner?: string): void {
    const map = maps[kind];
    const end = clock() + ttlMilliseconds(ttl) / 1000;
    const expiresAt = isDenial(kind) ? Math.max(end, map.expiresAt(id) ?? 0) : end;
    if (!map.set(id, value, expiresAt, owner)) {
      if (map.size < capacityOf(kind) && !map.hasShare(owner)) {
        throw new GuardShareUsedUp(`One user or address has its share of live "${kind}" entries.`);
      }
      const message = `The guard store in memory is full of live "${kind}" entries and takes no more until some expire. Set FASTMCP_STORAGE_URL to a redis:// URL to keep them outside the process.`;
      report(kind, message);
      throw new GuardStoreUnavailable(message);
    }
  }

  function report(kind: GuardClass, message: string): void {
    if (clock() - (reportedAt.get(kind) ?? 0) >= REPORT_PAUSE) {
      reportedAt.set(kind, clock());
      logger.error({ event: "guard-store-full", kind }, message);
    }
  }

  return {
    async claim(kind, id, ttl, ticket = "", owner = undefined) {
      if (maps[kind].has(id)) {
        return false;
      }
      keep(kind, id, ticket, ttl, owner);
      return true;
    },

    async release(kind, id, ticket) {
      if (ticket === undefined || maps[kind].get(id) === ticket) {
        maps[kind].delete(id);
      }
    },

    async get(kind, id) {
      return maps[kind].get(id);
    },

    async set(kind, id, value, ttl, owner) {
      keep(kind, id, value, ttl, owner);
    },

    async denied(entries) {
      return entries.find(([kind, id, since]) => denies(maps[kind].get(id), since))?.[0];
    },

    async take(entries, cost, window) {
      return quotas.take(entries, cost, window);
    },

    async healthy() {
      return true;
    },

    async close() {
      for (const map of Object.values(maps)) {
        map.clear();
      }
    },
  };
}
