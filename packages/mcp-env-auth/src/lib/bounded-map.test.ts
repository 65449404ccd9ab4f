import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedMap } from "./bounded-map.ts";
import { type Expiring, ExpiryQueue } from "./expiry-queue.ts";

describe("ExpiryQueue", () => {
  it("always has the entry first that ends first, whatever was added and removed", () => {
    const change = fc.record({ expiresAt: fc.nat(20), remove: fc.option(fc.nat(50)) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const queue = new ExpiryQueue<Expiring>();
        const entries: Expiring[] = [];
        for (const { expiresAt, remove } of changes) {
          const [gone] = remove === null ? [] : entries.splice(remove, 1);
          if (gone !== undefined) {
            queue.remove(gone);
          } else {
            const entry = { expiresAt, index: -1 };
            entries.push(entry);
            queue.add(entry);
          }
          const ends = entries.map((entry) => entry.expiresAt);
          expect(queue.size).toBe(ends.length);
          expect(queue.first()?.expiresAt).toBe(ends.length === 0 ? undefined : Math.min(...ends));
        }
      }),
    );
  });
});

describe("BoundedMap", () => {
  it("behaves as a map of the entries that have not ended", () => {
    const change = fc.record({
      key: fc.constantFrom("a", "b", "c", "d"),
      action: fc.constantFrom("set" as const, "delete" as const, "wait" as const),
      seconds: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        let now = 1000;
        const map = new BoundedMap<number>({ capacity: 4, whenFull: "refuse", clock: () => now });
        const model = new Map<string, { value: number; expiresAt: number }>();
        changes.forEach(({ key, action, seconds }, value) => {
          if (action === "set") {
            expect(map.set(key, value, now + seconds)).toBe(true);
            model.set(key, { value, expiresAt: now + seconds });
          } else if (action === "delete") {
            map.delete(key);
            model.delete(key);
          } else {
            now += seconds;
          }
          for (const each of ["a", "b", "c", "d"]) {
            const expected = model.get(each);
            const live = expected !== undefined && expected.expiresAt > now ? expected : undefined;
            expect(map.get(each)).toBe(live?.value);
            expect(map.has(each)).toBe(live !== undefined);
            expect(map.expiresAt(each)).toBe(live?.expiresAt);
          }
          const live = [...model].filter(([, { expiresAt }]) => expiresAt > now);
          expect(new Map(map.entries())).toEqual(new Map(live.map(([key, { value }]) => [key, value])));
        });
      }),
    );
  });

  it("drops ended entries before a live one gives way", () => {
    let now = 0;
    const map = new BoundedMap<string>({ capacity: 2, whenFull: "refuse", clock: () => now });
    map.set("short", "", 5);
    map.set("long", "", 50);
    expect(map.set("new", "", 60)).toBe(false);
    now = 5;

    expect(map.set("new", "", 60)).toBe(true);
    expect(map.has("long")).toBe(true);
  });

  it("takes a new value for a key it holds, though it is full", () => {
    const map = new BoundedMap<string>({ capacity: 1, whenFull: "refuse", clock: () => 0 });
    map.set("a", "one", 5);

    expect(map.set("a", "two", 6)).toBe(true);
    expect(map.get("a")).toBe("two");
  });

  it("evicts the entry that ends first, where it may", () => {
    const map = new BoundedMap<string>({ capacity: 2, whenFull: "evict", clock: () => 0 });
    map.set("long", "", 50);
    map.set("short", "", 5);

    expect(map.set("new", "", 20)).toBe(true);
    expect(["long", "short", "new"].filter((key) => map.has(key))).toEqual(["long", "new"]);
  });

  it("holds no more than what is live after many entries came and went", () => {
    let now = 0;
    const map = new BoundedMap<string>({ capacity: 1_000, whenFull: "refuse", clock: () => now });
    for (let index = 0; index < 20_000; index++) {
      now = index;
      expect(map.set(`entry ${index}`, "", now + 100)).toBe(true);
      expect(map.size).toBeLessThanOrEqual(100);
    }
    map.clear();
    expect(map.size).toBe(0);
  });

  it.each(["evict", "evict unused"] as const)("holds no more than its capacity: %s", (whenFull) => {
    const map = new BoundedMap<number>({ capacity: 3, whenFull, clock: () => 0 });
    for (let n = 0; n < 100; n++) {
      expect(map.set(String(n), n, n + 10)).toBe(true);
      expect(map.get(String(n))).toBe(n);
      expect(map.size).toBeLessThanOrEqual(3);
    }
    expect([map.get("96"), map.get("97"), map.get("99")]).toEqual([undefined, 97, 99]);
  });

  it.each(["evict", "evict unused", "refuse"] as const)("lets none give way to what has ended: %s", (whenFull) => {
    const map = new BoundedMap<string>({ capacity: 1, whenFull, clock: () => 100 });
    map.set("live", "kept", 110);
    map.set("past", "", 100);
    expect([map.get("live"), map.get("past"), map.size]).toEqual(["kept", undefined, 1]);

    map.set("live", "", 90);
    expect([map.get("live"), map.size]).toEqual([undefined, 0]);
  });
});

describe("BoundedMap in which the unused give way", () => {
  const full = (...keys: string[]) => {
    const map = new BoundedMap<string>({ capacity: keys.length, whenFull: "evict unused", clock: () => 0 });
    for (const key of keys) {
      map.set(key, key, 10);
    }
    return map;
  };
  const keysOf = (map: BoundedMap<string>) => map.entries().map(([key]) => key);

  it("forgets the oldest, whenever it ends", () => {
    const map = full("a", "b");
    map.set("c", "", 5);
    expect(keysOf(map)).toEqual(["b", "c"]);
    map.set("b", "", 10);
    map.set("d", "", 10);
    expect(keysOf(map)).toEqual(["b", "d"]);
  });

  it("keeps what is in use, however old, and lets what is no longer go", () => {
    const map = full("busy", "b", "c");
    for (let n = 0; n < 100; n++) {
      expect(map.get("busy")).toBe("busy");
      map.set(String(n), "", 10);
      expect(map.size).toBe(3);
    }
    for (let n = 100; n < 106; n++) {
      map.set(String(n), "", 10);
    }
    expect(keysOf(map)).toEqual(["103", "104", "105"]);
  });

  it("makes room when all of them are in use: the oldest", () => {
    const map = full("a", "b", "c");
    for (const key of keysOf(map)) {
      map.get(key);
    }
    expect(map.set("d", "", 10)).toBe(true);
    expect(keysOf(map)).toEqual(["b", "c", "d"]);
  });

  it("drops ended entries before a live one gives way, used or not", () => {
    let now = 0;
    const map = new BoundedMap<string>({ capacity: 2, whenFull: "evict unused", clock: () => now });
    map.set("old", "", 50);
    map.set("ended", "", 5);
    map.get("ended");
    now = 5;
    map.set("new", "", 60);
    expect(keysOf(map)).toEqual(["old", "new"]);
  });

  it("gives each owner a share, whatever becomes of its entries", () => {
    let now = 0;
    const map = new BoundedMap<string>({ capacity: 4, whenFull: "refuse", share: 2, clock: () => now });
    expect(map.set("a1", "", 10, "a")).toBe(true);
    expect(map.set("a2", "", 20, "a")).toBe(true);
    expect(map.set("a2", "again", 20, "a")).toBe(true);
    expect(map.set("a3", "", 30, "a")).toBe(false);
    expect(map.hasShare("a")).toBe(false);
    expect(map.set("b1", "", 30, "b")).toBe(true);
    expect(map.set("c1", "", 30)).toBe(true);
    expect(map.set("c2", "", 30)).toBe(false);
    expect(map.hasShare("b")).toBe(true);
    now = 10;
    expect(map.set("a3", "", 30, "a")).toBe(true);
    map.delete("a2");
    expect(map.set("a4", "", 30, "a")).toBe(true);
    expect(map.set("a5", "", 40, "a")).toBe(false);
  });
});
