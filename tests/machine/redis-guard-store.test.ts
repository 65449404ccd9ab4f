import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../packages/mcp-env-auth/src/lib/clock.ts";
import { type Logger, silentLogger } from "../../packages/mcp-env-auth/src/logger.ts";
import { type GuardStore, GuardStoreUnavailable } from "../../packages/mcp-env-auth/src/store/guard-store.ts";
import { openGuardStore } from "../../packages/mcp-env-auth/src/store/open-guard-store.ts";
import { describeGuardStore } from "../../packages/mcp-env-auth/src/store/testing/guard-store-contract.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

const LONG = 60;

let redis: RedisServer;
/** How far the stores' clock is ahead of the machine's: seconds. Redis keeps its own time. */
let ahead = 0;
const clock = () => systemClock() + ahead;
const opened: GuardStore[] = [];

async function open(options: { namespace?: string; logger?: Logger; url?: string } = {}): Promise<GuardStore> {
  const { url = `redis://127.0.0.1:${redis.port}`, ...rest } = options;
  const store = await openGuardStore(url, { clock, logger: silentLogger, ...rest });
  opened.push(store);
  return store;
}

/** Lets everything that was cached or paused come to its end. */
function skipPauses(): void {
  ahead += 3;
}

/** Waits until the client has found its way back to Redis, which takes it two seconds at most. */
async function untilHealthy(store: GuardStore): Promise<void> {
  await expect.poll(() => store.healthy(), { timeout: 20_000, interval: 100 }).toBe(true);
}

beforeAll(async () => {
  redis = await createRedisServer();
});

beforeEach(async () => {
  await redis.start();
});

afterEach(async () => {
  redis.thaw();
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await redis.stop();
});

afterAll(() => redis.dispose());

describeGuardStore("the guard store in Redis", async () => ({
  store: await open(),
  async elapse(seconds) {
    await sleep(seconds * 1000);
  },
}));

describe("replicas that share a Redis", () => {
  it("share quotas, which no reader of Redis can tell anything from, and which end", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const take = (store?: GuardStore) => store?.take([{ id: '["user","auth0|alice"]', limit: 3 }], 1, 30);
    expect([await take(one), await take(other), await take(one)]).toEqual([0, 0, 0]);
    expect(await take(other)).toBeGreaterThan(0);
    const keys = await redis.command("KEYS", "*");
    expect(keys).toMatch(/mcp-env-auth:[\w-]{43}/);
    expect(keys).not.toContain("alice");
    const key = /mcp-env-auth:[\w-]{43}/.exec(keys)?.[0] ?? "";
    const left = Number(/:(\d+)/.exec(await redis.command("TTL", key))?.[1]);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(30);
  });

  it("each count for themselves while Redis is away: a quota neither ends calls nor has no end", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const take = (store?: GuardStore) => store?.take([{ id: "a", limit: 2 }], 1, 30);
    await take(one);
    await redis.stop();
    expect([await take(one), await take(one), await take(other), await take(other)]).toEqual([0, 0, 0, 0]);
    expect(await take(one)).toBeGreaterThan(0);
    expect(await take(other)).toBeGreaterThan(0);
    await redis.start();
    skipPauses();
    await untilHealthy(one as GuardStore);
    expect(await take(one)).toBe(0);
  });

  it("each count for themselves while Redis refuses to, and say so once", async () => {
    const events: object[] = [];
    const warn = (fields: object) => void events.push(fields);
    const store = await open({ logger: { ...silentLogger, warn } });
    const take = () => store.take([{ id: "a", limit: 2 }], 1, 30);
    await redis.command("CONFIG", "SET", "maxmemory", "1");
    expect([await take(), await take()]).toEqual([0, 0]);
    expect(await take()).toBeGreaterThan(0);
    expect(events).toEqual([expect.objectContaining({ event: "quotas-in-memory" })]);
    await redis.command("CONFIG", "SET", "maxmemory", "0");
    expect(await take()).toBe(0);
  });

  it("give one of them the id that all of them claim", async () => {
    const stores = await Promise.all([open(), open(), open()]);

    const claims = await Promise.all(stores.flatMap((store) => [1, 2, 3].map(() => store.claim("refresh", "a", LONG))));

    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  it("read each other's answers", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    await one.set("answer", "a", "sealed", LONG);

    expect(await other.get("answer", "a")).toBe("sealed");
  });

  it("see each other's denials, two seconds after they last asked at most", async () => {
    const [one, other] = await Promise.all([open(), open()]);
    const entries = [["deny-token", "a"] as const, ["deny-family", "b"] as const];
    expect(await other.denied(entries)).toBeUndefined();
    await one.set("deny-family", "b", "1", LONG);
    ahead += 2;

    expect(await other.denied(entries)).toBe("deny-family");
  });

  it("ask in one round trip, and not again within two seconds", async () => {
    const store = await open();
    await redis.command("CONFIG", "RESETSTAT");
    for (let call = 0; call < 5; call++) {
      await store.denied([
        ["deny-token", "a"],
        ["deny-family", "b"],
        ["deny-subject", "c"],
        ["deny-client", "d"],
      ]);
    }

    expect(await redis.command("INFO", "commandstats")).toContain("cmdstat_mget:calls=1,");
  });

  it("keep out of each other's way under different namespaces", async () => {
    const [one, other] = await Promise.all([open({ namespace: "one" }), open({ namespace: "other" })]);

    expect(await one.claim("code", "a", LONG)).toBe(true);
    expect(await other.claim("code", "a", LONG)).toBe(true);
  });
});

describe("what Redis holds", () => {
  it("is no id, class or namespace that anybody could read, and ends by itself", async () => {
    const store = await open({ namespace: "https://mcp.example.com" });
    await store.claim("code", "readable-id", LONG);
    await store.set("deny-subject", "readable-id", "sealed", LONG);
    await store.set("answer", "readable-id", "sealed", LONG);

    const keys = (await redis.command("KEYS", "*")).match(/mcp-env-auth:\S+/g) ?? [];
    expect(keys).toHaveLength(3);
    expect(await redis.command("DBSIZE")).toBe(":3\r\n");
    for (const key of keys) {
      expect(key).toMatch(/^mcp-env-auth:[A-Za-z0-9_-]{43}$/);
      expect(Number((await redis.command("PTTL", key)).slice(1))).toBeGreaterThan(0);
      expect(await redis.command("GET", key)).not.toContain("readable-id");
    }
  });
});

describe("while Redis is down", () => {
  it("everything that needs an answer is refused, and calls go on by what was last known", async () => {
    const [store, other] = await Promise.all([open(), open()]);
    await other.set("deny-family", "made elsewhere", "1", LONG);
    await store.set("deny-token", "made here", "1", LONG);
    await store.denied([["deny-family", "made elsewhere"]]);
    await redis.stop();
    skipPauses();

    await expect(store.claim("code", "a", LONG)).rejects.toThrow(GuardStoreUnavailable);
    await expect(store.get("answer", "a")).rejects.toThrow(GuardStoreUnavailable);
    await expect(store.set("deny-client", "a", "1", LONG)).rejects.toThrow(GuardStoreUnavailable);
    await expect(store.release("code", "a")).rejects.toThrow(GuardStoreUnavailable);
    expect(await store.healthy()).toBe(false);
    expect(await store.denied([["deny-family", "made elsewhere"]])).toBe("deny-family");
    expect(await store.denied([["deny-token", "made here"]])).toBe("deny-token");
    expect(await store.denied([["deny-client", "a"]])).toBe("deny-client");
    expect(await store.denied([["deny-token", "unknown"]])).toBeUndefined();
  });

  it("a server starts, and finds it when it comes up", async () => {
    await redis.stop();
    const store = await open();
    expect(await store.healthy()).toBe(false);
    await redis.start();
    await untilHealthy(store);

    expect(await store.claim("code", "a", LONG)).toBe(true);
  });

  it("one line says so, and one more that it is back", async () => {
    const events: unknown[] = [];
    const record = (fields: object) => void events.push((fields as { event?: string }).event);
    const store = await open({ logger: { debug() {}, info: record, warn: record, error: record } });
    await redis.stop();
    for (let attempt = 0; attempt < 3; attempt++) {
      skipPauses();
      await store.healthy();
    }
    await redis.start();
    await untilHealthy(store);

    expect(events).toEqual(["redis-up", "redis-down", "redis-up"]);
  });

  it("it comes back empty, and denials made here still count", async () => {
    const store = await open();
    await store.set("deny-family", "a", "1", LONG);
    await redis.stop();
    await redis.start();
    await untilHealthy(store);
    skipPauses();

    expect(await store.get("deny-family", "a")).toBeUndefined();
    expect(await store.denied([["deny-family", "a"]])).toBe("deny-family");
  });

  it("it was flushed, and denials made here still count", async () => {
    const store = await open();
    await store.set("deny-family", "a", "1", LONG);
    await redis.command("FLUSHALL");
    skipPauses();

    expect(await store.denied([["deny-family", "a"]])).toBe("deny-family");
  });
});

describe("while Redis hangs", () => {
  it("a command fails on its own, and the next ones fail at once, until a second has passed", async () => {
    const store = await open();
    redis.freeze();
    const reason = await store.claim("code", "a", LONG).catch((error: unknown) => error);
    expect(reason).toBeInstanceOf(GuardStoreUnavailable);
    expect(String((reason as Error).cause)).toContain("500 ms");

    await expect(store.claim("code", "b", LONG)).rejects.toThrow("a moment ago");
    expect(await store.denied([["deny-token", "a"]])).toBeUndefined();
    skipPauses();
    const [first, second] = await Promise.allSettled([store.get("code", "a"), store.get("code", "a")]);
    expect(first).toMatchObject({ reason: { message: "Redis does not answer." } });
    expect(second).toMatchObject({ reason: { message: expect.stringContaining("a moment ago") } });
  });

  it("a claim that is carried out late belongs to whoever tries again here, once", async () => {
    const [store, other] = await Promise.all([open(), open()]);
    redis.freeze();
    await expect(store.claim("code", "a", LONG)).rejects.toThrow(GuardStoreUnavailable);
    skipPauses();
    const retries = [1, 2, 3, 4].map(() => store.claim("code", "a", LONG).catch(() => "unavailable"));
    redis.thaw();
    const first = await Promise.all(retries);
    await untilHealthy(store);
    const later = await Promise.all([1, 2, 3, 4].map(() => store.claim("code", "a", LONG)));

    expect([...first, ...later].filter((claimed) => claimed === true)).toHaveLength(1);
    expect(await other.claim("code", "a", LONG)).toBe(false);
  });

  it("a claim that is carried out late is given back, for whoever tries again elsewhere", async () => {
    const [store, other] = await Promise.all([open(), open()]);
    redis.freeze();
    await expect(store.claim("code", "a", LONG)).rejects.toThrow(GuardStoreUnavailable);
    redis.thaw();
    await expect.poll(() => other.claim("code", "a", LONG)).toBe(true);

    expect(await store.claim("code", "a", LONG)).toBe(false);
  });

  it("a claim that somebody else has is not taken for one's own", async () => {
    const [store, other] = await Promise.all([open(), open()]);
    await other.claim("code", "a", LONG);
    redis.freeze();
    await expect(store.claim("code", "a", LONG)).rejects.toThrow(GuardStoreUnavailable);
    redis.thaw();
    skipPauses();
    await untilHealthy(store);

    expect(await store.claim("code", "a", LONG)).toBe(false);
  });

  it("a new server starts, and works once Redis goes on", async () => {
    redis.freeze();
    const store = await open();
    expect(await store.healthy()).toBe(false);
    redis.thaw();
    await untilHealthy(store);

    expect(await store.claim("code", "a", LONG)).toBe(true);
  });

  it("closing does not wait for it", async () => {
    const store = await open();
    redis.freeze();
    const claim = store.claim("code", "a", LONG).catch((error: unknown) => error);
    await store.close();

    expect(await claim).toBeInstanceOf(GuardStoreUnavailable);
    await expect(store.get("code", "a")).rejects.toThrow(GuardStoreUnavailable);
  });
});

describe("when Redis answers with an error", () => {
  it("only that command is refused: full of entries, it still tells what is denied", async () => {
    const store = await open();
    await store.set("deny-token", "a", "1", LONG);
    await redis.command("CONFIG", "SET", "maxmemory", "1");
    const reader = await open();

    await expect(reader.claim("code", "a", LONG)).rejects.toThrow(GuardStoreUnavailable);
    expect(await reader.denied([["deny-token", "a"]])).toBe("deny-token");
  });

  it("a wrong password is logged without the password, and nothing is answered", async () => {
    await redis.command("CONFIG", "SET", "requirepass", "the-right-password");
    const shown: unknown[] = [];
    const record = (fields: object, message: string) => {
      const { err, ...rest } = fields as { err?: Error };
      shown.push(message, JSON.stringify(rest), err?.stack, JSON.stringify(err, Object.getOwnPropertyNames(err ?? {})));
    };
    const store = await open({
      url: `redis://:the-wrong-password@127.0.0.1:${redis.port}`,
      logger: { debug() {}, info: record, warn: record, error: record },
    });

    expect(await store.healthy()).toBe(false);
    expect(shown.join("\n")).toContain("WRONGPASS");
    expect(shown.join("\n")).not.toContain("the-wrong-password");
    expect(await (await open({ url: `redis://:the-right-password@127.0.0.1:${redis.port}` })).healthy()).toBe(true);
  });

  it("is told in words where it is wrong or missing", async () => {
    await redis.command("CONFIG", "SET", "requirepass", "the-right-password");
    for (const user of ["", ":the-wrong-password@"]) {
      const warnings: string[] = [];
      const logger = { ...silentLogger, warn: (_fields: object, message: string) => void warnings.push(message) };
      const store = await open({ url: `redis://${user}127.0.0.1:${redis.port}`, logger });
      expect(await store.healthy()).toBe(false);
      expect(warnings).toEqual([
        expect.stringContaining("Redis refuses the user name and password of FASTMCP_STORAGE_URL"),
      ]);
    }
  });
});

describe("a Redis that evicts", () => {
  async function eventsWith(...settings: readonly string[]): Promise<unknown[]> {
    await redis.stop();
    await redis.start(...settings);
    const events: unknown[] = [];
    const store = await open({
      logger: { ...silentLogger, warn: (fields) => void events.push((fields as { event?: string }).event) },
    });
    await store.healthy();
    await store.healthy();
    return events;
  }

  it("is warned about", async () => {
    expect(await eventsWith("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")).toEqual(["redis-evicts"]);
  });

  it("is not warned about where it has no limit, or refuses instead", async () => {
    expect(await eventsWith("--maxmemory-policy", "allkeys-lru")).toEqual([]);
    expect(await eventsWith("--maxmemory", "100mb")).toEqual([]);
  });
});
