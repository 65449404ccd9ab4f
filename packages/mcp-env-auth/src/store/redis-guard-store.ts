import { createCountedLines } from "../counted-lines.ts";
import { BoundedMap } from "../lib/bounded-map.ts";
import { randomId, sha256Base64url } from "../lib/secrets.ts";
import { createDenialView } from "./denial-view.ts";
import { isDenial, ttlMilliseconds } from "./guard-entry.ts";
import { type GuardClass, type GuardStore, GuardStoreUnavailable } from "./guard-store.ts";
import { createQuotaCounts } from "./quota-counts.ts";
import { openRedisConnection, type RedisConnectionOptions } from "./redis-connection.ts";
import { createRedisDirectory } from "./redis-directory.ts";

export interface RedisGuardStoreOptions extends RedisConnectionOptions {
  /** What tells the entries of servers that share a Redis apart. The same in every replica. Default: nothing. */
  readonly namespace?: string;
}

/** Keeps the later of two ends, so that no denial is shortened. PTTL is negative for a key that is not there. */
const SET_DENIAL = `
redis.call("SET", KEYS[1], ARGV[1], "PX", math.max(redis.call("PTTL", KEYS[1]), tonumber(ARGV[2])))
return 1`;

/**
 * Takes what is free, or held by an earlier try of the same claim. KEYS: the claim. ARGV: milliseconds, new ticket,
 * earlier tickets.
 */
const CLAIM = `
local holder = redis.call("GET", KEYS[1])
local free = not holder
for i = 3, #ARGV do free = free or holder == ARGV[i] end
if free then redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[1]) end
return free and 1 or 0`;

/** Gives back what is held by one of the tickets. KEYS: the claim. ARGV: tickets. */
const GIVE_BACK = `
local holder = redis.call("GET", KEYS[1])
for i = 1, #ARGV do if holder == ARGV[i] then redis.call("DEL", KEYS[1]) end end
return 1`;

/**
 * Counts in each key, where there is room in all. KEYS: the counts. ARGV: cost, milliseconds of a window, limits. The
 * answer is 0, or in how many milliseconds there may be room.
 */
const TAKE = `
local wait = 0
for i, key in ipairs(KEYS) do
  if tonumber(redis.call("GET", key) or "0") + tonumber(ARGV[1]) > tonumber(ARGV[i + 2]) then
    local left = redis.call("PTTL", key)
    if left < 0 then left = tonumber(ARGV[2]) end
    wait = math.max(wait, left, 1)
  end
end
if wait > 0 then return wait end
for _, key in ipairs(KEYS) do
  redis.call("INCRBY", key, ARGV[1])
  if redis.call("PTTL", key) < 0 then redis.call("PEXPIRE", key, ARGV[2]) end
end
return 0`;

/** How many claims with an unknown outcome are remembered. */
const UNSETTLED_CAPACITY = 10_000;

/**
 * A guard store in Redis, shared by replicas. Keys are hashes of namespace, class and id; values are sealed by the
 * caller or random: Redis holds nothing readable.
 *
 * A command that Redis does not answer within half a second rejects with {@link GuardStoreUnavailable}, and the next
 * ones within a second do so at once. Only `denied` answers without Redis, from what this process knows.
 *
 * @throws ConfigError when the URL can't be used.
 */
export async function createRedisGuardStore(options: RedisGuardStoreOptions): Promise<GuardStore> {
  const { clock, namespace = "" } = options;
  /** The tickets of claims that Redis may or may not have carried out, by key. Their callers were told to try again. */
  const unsettled = new BoundedMap<readonly string[]>({ capacity: UNSETTLED_CAPACITY, whenFull: "evict", clock });
  const redis = await openRedisConnection({ ...options, onRecovery: () => void giveBack() });
  const denials = createDenialView({
    clock,
    lookUp: async (entries) => {
      const values = await redis.send("MGET", ...entries.map(([kind, id]) => keyOf(kind, id)));
      return (values as (string | null)[]).map((value) => value ?? undefined);
    },
  });

  const ownCounts = createQuotaCounts(clock);
  const lines = createCountedLines(options.logger);

  function keyOf(kind: GuardClass | "quota" | "channel" | `directory ${string}`, id: string): string {
    return `mcp-env-auth:${sha256Base64url(JSON.stringify([namespace, kind, id]))}`;
  }

  async function read(key: string): Promise<string | undefined> {
    return ((await redis.send("GET", key)) as string | null) ?? undefined;
  }

  /** The next try may come to another replica, which can't tell a claim of ours from somebody else's. */
  async function giveBack(): Promise<void> {
    for (const [key, tickets] of unsettled.entries()) {
      try {
        await redis.send("EVAL", GIVE_BACK, "1", key, ...tickets);
        if (unsettled.get(key) === tickets) {
          unsettled.delete(key);
        }
      } catch {
        return;
      }
    }
  }

  return {
    isShared: true,
    bus: {
      subscribe: (channel, listener) => redis.subscribe(keyOf("channel", channel), listener),
      publish: async (channel, message) => Number(await redis.send("PUBLISH", keyOf("channel", channel), message)),
    },
    directory: createRedisDirectory({
      send: (...command) => redis.send(...command),
      keyOf: (kind, id) => keyOf(`directory ${kind}`, id),
      clock,
    }),
    // A claim that timed out may still be carried out, and its caller, told to try again, would then meet its own
    // claim. Its ticket tells it apart from somebody else's, here; elsewhere it is given back.
    async claim(kind, id, ttl, ticket = randomId()) {
      const key = keyOf(kind, id);
      const milliseconds = ttlMilliseconds(ttl);
      const earlier = unsettled.get(key) ?? [];
      try {
        const taken = await redis.send("EVAL", CLAIM, "1", key, String(milliseconds), ticket, ...earlier);
        if (taken === 1) {
          unsettled.delete(key);
        }
        return taken === 1;
      } catch (error) {
        unsettled.set(key, [...earlier, ticket], clock() + milliseconds / 1000);
        throw error;
      }
    },

    async release(kind, id, ticket) {
      const key = keyOf(kind, id);
      unsettled.delete(key);
      denials.forget(kind, id);
      await (ticket === undefined ? redis.send("DEL", key) : redis.send("EVAL", GIVE_BACK, "1", key, ticket));
    },

    get(kind, id) {
      return read(keyOf(kind, id));
    },

    async set(kind, id, value, ttl) {
      const milliseconds = ttlMilliseconds(ttl);
      const key = keyOf(kind, id);
      if (isDenial(kind)) {
        denials.add(kind, id, value, clock() + milliseconds / 1000);
        await redis.send("EVAL", SET_DENIAL, "1", key, value, String(milliseconds));
      } else {
        await redis.send("SET", key, value, "PX", String(milliseconds));
      }
    },

    denied(entries) {
      return denials.denied(entries);
    },

    async take(quotas, cost, window) {
      const keys = quotas.map(({ id }) => keyOf("quota", id));
      const numbers = [cost, ttlMilliseconds(window), ...quotas.map(({ limit }) => limit)].map(String);
      try {
        return Number(await redis.send("EVAL", TAKE, String(keys.length), ...keys, ...numbers)) / 1000;
      } catch (error) {
        if (!(error instanceof GuardStoreUnavailable)) {
          throw error;
        }
        lines.warn(
          "quotas",
          { event: "quotas-in-memory", err: error },
          "Redis does not count quotas now, so this process counts what comes to it",
        );
        return ownCounts.take(quotas, cost, window);
      }
    },

    async healthy() {
      return redis.send("PING").then(
        () => true,
        () => false,
      );
    },

    async close() {
      redis.close();
    },
  };
}
