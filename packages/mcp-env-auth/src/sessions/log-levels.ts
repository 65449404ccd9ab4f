import { BoundedMap } from "../lib/bounded-map.ts";
import { type Clock, DAY } from "../lib/clock.ts";
import { sha256Base64url } from "../lib/secrets.ts";
import { type GuardStore, GuardStoreUnavailable } from "../store/guard-store.ts";

/** The levels that clients up to 2025-11-25 set for what they are told of handlers' logs (MCP 2025-11-25, Logging). */
export interface LogLevels {
  /**
   * The level that a client has set, if any: at once where this process knows it.
   *
   * @param client its session, or what else stands for it.
   */
  of(client: string): string | undefined | Promise<string | undefined>;
  /** Keeps a level for a day. While Redis does not answer, it counts in this process. */
  set(client: string, level: string): Promise<void>;
}

export interface LogLevelsOptions {
  /** Absent, or not shared: levels count in this process. */
  readonly store?: Pick<GuardStore, "isShared" | "get" | "set"> | undefined;
  readonly clock: Clock;
}

/** How many levels a process remembers. */
const MAX_LEVELS = 10_000;

/** Seconds after which a level may have been set at another replica. */
const MAX_AGE = 5;

interface Known {
  readonly level: string | undefined;
  /** Seconds since the Unix epoch; after that, other replicas may know better. */
  readonly freshUntil: number;
}

export function createLogLevels({ store, clock }: LogLevelsOptions): LogLevels {
  const known = new BoundedMap<Known>({ capacity: MAX_LEVELS, whenFull: "evict", clock });
  const shared = store?.isShared === true ? store : undefined;

  function remember(client: string, level: string | undefined): void {
    known.set(client, { level, freshUntil: clock() + MAX_AGE }, clock() + DAY);
  }

  /** @returns `fallback` while Redis does not answer. */
  async function unlessDown<T>(work: () => Promise<T>, fallback: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GuardStoreUnavailable)) {
        throw error;
      }
      return fallback;
    }
  }

  return {
    of(client) {
      const found = known.get(client);
      if (shared === undefined || (found !== undefined && found.freshUntil > clock())) {
        return found?.level;
      }
      return unlessDown(async () => {
        const level = await shared.get("setting", idOf(client));
        remember(client, level);
        return level;
      }, found?.level);
    },

    async set(client, level) {
      remember(client, level);
      await unlessDown(async () => shared?.set("setting", idOf(client), level, DAY), undefined);
    },
  };
}

function idOf(client: string): string {
  return sha256Base64url(JSON.stringify(["level", client]));
}
