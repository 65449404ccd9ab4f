import { expect, it } from "vitest";
import { createWindowCounts } from "./window-counts.ts";

it("counts by key, and begins anew when the window of a key is over", () => {
  let now = 100;
  const counts = createWindowCounts({ seconds: 60, capacity: 10, clock: () => now });
  expect([counts.of("a"), counts.timeLeft("a")]).toEqual([0, 0]);
  counts.add("a");
  now += 50;
  counts.add("a");
  counts.add("b");
  expect([counts.of("a"), counts.timeLeft("a")]).toEqual([2, 10]);
  expect([counts.of("b"), counts.timeLeft("b")]).toEqual([1, 60]);
  now += 10;
  expect([counts.of("a"), counts.of("b")]).toEqual([0, 1]);
  counts.add("a");
  expect(counts.of("a")).toBe(1);
});

it("forgets the key whose window ends first when there are more than fit", () => {
  const counts = createWindowCounts({ seconds: 60, capacity: 2, clock: () => 0 });
  for (const key of ["a", "b", "c"]) {
    counts.add(key);
  }
  expect(["a", "b", "c"].map(counts.of)).toEqual([0, 1, 1]);
});
