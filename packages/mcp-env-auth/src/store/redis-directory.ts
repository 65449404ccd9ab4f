import type { Clock } from "../lib/clock.ts";
import { ttlMilliseconds } from "./guard-entry.ts";
import type { Directory, DirectoryEntry } from "./guard-store.ts";

export interface RedisDirectoryOptions {
  /** Sends a command. @throws GuardStoreUnavailable */
  readonly send: (...command: string[]) => Promise<unknown>;
  /** The key of an entry, of its mark, and of the index of all entries. */
  readonly keyOf: (kind: "entry" | "mark" | "index", id: string) => string;
  readonly clock: Clock;
}

/**
 * Adds an id to the index, drops those that have ended, and keeps the index for as long as its last one. KEYS: the
 * index. ARGV: id, its end and the time now in seconds, milliseconds.
 */
const INDEX = `
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", ARGV[3])
redis.call("ZADD", KEYS[1], ARGV[2], ARGV[1])
redis.call("PEXPIRE", KEYS[1], math.max(redis.call("PTTL", KEYS[1]), tonumber(ARGV[4])))
return 1`;

/** About how many entries are read at once. */
const PAGE = 200;

/**
 * A directory in Redis: a key for each entry and for each mark, which end by themselves, and a sorted set of the ids by
 * their ends, so that a list needs no scan of a Redis that others use too. Each new entry drops the ids that have
 * ended.
 */
export function createRedisDirectory({ send, keyOf, clock }: RedisDirectoryOptions): Directory {
  const index = keyOf("index", "");

  /** What has ended has no entry any more. */
  async function readPage(ids: readonly string[]): Promise<DirectoryEntry[]> {
    const keys = ids.flatMap((id) => [keyOf("entry", id), keyOf("mark", id)]);
    const values = (await send("MGET", ...keys)) as (string | null)[];
    return ids.flatMap((id, position) => {
      const value = values[2 * position];
      return typeof value === "string" ? [{ id, value, mark: values[2 * position + 1] ?? undefined }] : [];
    });
  }

  return {
    async put(id, value, ttl) {
      const milliseconds = String(ttlMilliseconds(ttl));
      const now = Math.floor(clock());
      await Promise.all([
        send("SET", keyOf("entry", id), value, "PX", milliseconds),
        send("EVAL", INDEX, "1", index, id, String(now + Math.ceil(ttl)), String(now), milliseconds),
      ]);
    },

    async mark(id, mark, ttl) {
      await send("SET", keyOf("mark", id), mark, "PX", String(ttlMilliseconds(ttl)));
    },

    async *pages() {
      let cursor = "0";
      do {
        const answer = (await send("ZSCAN", index, cursor, "COUNT", String(PAGE))) as [string, string[]];
        cursor = answer[0];
        const page = answer[1].filter((_, position) => position % 2 === 0);
        if (page.length > 0) {
          yield await readPage(page);
        }
      } while (cursor !== "0");
    },
  };
}
