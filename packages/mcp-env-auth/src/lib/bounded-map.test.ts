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
});
