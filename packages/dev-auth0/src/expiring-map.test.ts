import { describe, expect, test } from "vitest";
import { ExpiringMap } from "./expiring-map.ts";

describe("ExpiringMap", () => {
  test("forgets an entry when its lifetime is over", () => {
    let now = 0;
    const map = new ExpiringMap<string>(() => now);
    map.set("key", "value", 10);
    now = 9.9;
    expect(map.get("key")).toBe("value");
    now = 10;
    expect(map.get("key")).toBeUndefined();
  });

  test("drops the oldest of 10,000 for a new one", () => {
    const map = new ExpiringMap<number>(() => 0);
    for (let key = 0; key <= 10_000; key++) {
      map.set(String(key), key, 1);
    }
    expect(map.get("0")).toBeUndefined();
    expect(map.get("1")).toBe(1);
    expect(map.get("10000")).toBe(10_000);
  });
});
