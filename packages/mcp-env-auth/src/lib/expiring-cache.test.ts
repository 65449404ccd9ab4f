import { expect, it } from "vitest";
import { ExpiringCache } from "./expiring-cache.ts";

it("keeps values until they end", () => {
  let now = 100;
  const cache = new ExpiringCache<string>(10, () => now);
  cache.set("a", "A", 110);
  cache.set("past", "P", 100);
  expect([cache.get("a"), cache.get("past"), cache.size]).toEqual(["A", undefined, 1]);
  now = 110;
  expect([cache.get("a"), cache.size]).toEqual([undefined, 0]);
});

it("holds no more than its capacity: what is oldest, or has ended, makes room", () => {
  const cache = new ExpiringCache<number>(3, () => 0);
  for (let n = 0; n < 100; n++) {
    cache.set(String(n), n, 10);
  }
  expect(cache.size).toBe(3);
  expect([cache.get("96"), cache.get("97"), cache.get("99")]).toEqual([undefined, 97, 99]);
});

it("keeps what is in use, however old, and lets what is no longer go", () => {
  const cache = new ExpiringCache<number>(3, () => 0);
  cache.set("busy", -1, 10);
  for (let n = 0; n < 100; n++) {
    expect(cache.get("busy")).toBe(-1);
    cache.set(String(n), n, 10);
    expect(cache.size).toBeLessThanOrEqual(3);
  }
  for (let n = 100; n < 106; n++) {
    cache.set(String(n), n, 10);
  }
  expect([cache.get("busy"), cache.get("105"), cache.size]).toEqual([undefined, 105, 3]);
});

it("makes room when all of them are in use, and in moments", () => {
  const cache = new ExpiringCache<number>(3, () => 0);
  for (const key of ["a", "b", "c"]) {
    cache.set(key, 0, 10);
  }
  for (const key of ["a", "b", "c"]) {
    cache.get(key);
  }
  cache.set("d", 1, 10);
  expect([cache.get("a"), cache.get("d"), cache.size]).toEqual([undefined, 1, 3]);
});
