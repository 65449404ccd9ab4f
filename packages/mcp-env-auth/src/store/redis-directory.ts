import type { Clock } from "../lib/clock.ts";
import { ttlMilliseconds } from "./guard-entry.ts";
import type { Directory } from "./guard-store.ts";

export interface RedisDirectoryOptions {
  /** Sends a command. @throws GuardStoreUnavailable */
  readonly send: (...command: string[]) => Promise<unknown>;
  /** The key of an entry, of its mark, and of the index of all entries. */
  readonly keyOf: (kind: "entry" | "mark" | "index", id: string) => string;
  readonly clock: Clock;
}

/** How many entries are read at once. */
const PAGE = 200;

/**
 * A directory in Redis: a key for each entry and for each mark, which end by themselves, and a sorted set of the ids by
 * their ends, so that a list needs no scan of a Redis that others use too. Each new entry drops the ids that have
 * ended.
 */
export function createRedisDirectory({ send, keyOf, clock }: RedisDirectoryOptions): Directory {
  const index = keyOf("index", "");
  return {
    async put(id, value, ttl) {
      const milliseconds = String(ttlMilliseconds(ttl));
      const now = Math.floor(clock());
      await Promise.all([
        send("SET", keyOf("entry", id), value, "PX", milliseconds),
        send("ZADD", index, String(now + Math.ceil(ttl)), id),
        send("ZREMRANGEBYSCORE", index, "-inf", String(now)),
      ]);
    },

    async mark(id, mark, ttl) {
      await send("SET", keyOf("mark", id), mark, "PX", String(ttlMilliseconds(ttl)));
    },

    async *pages() {
      const ids = (await send("ZRANGEBYSCORE", index, String(clock()), "+inf")) as string[];
      for (let start = 0; start < ids.length; start += PAGE) {
        const page = ids.slice(start, start + PAGE);
        const keys = page.flatMap((id) => [keyOf("entry", id), keyOf("mark", id)]);
        const values = (await send("MGET", ...keys)) as (string | null)[];
        yield page.flatMap((id, position) => {
          const value = values[2 * position];
          return typeof value === "string" ? [{ id, value, mark: values[2 * position + 1] ?? undefined }] : [];
        });
      }
    },
  };
}
