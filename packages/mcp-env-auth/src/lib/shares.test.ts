import { describe, expect, it } from "vitest";
import { createShares } from "./shares.ts";

function setUp({ limit = 3, seconds = 100 } = {}) {
  let now = 1_000_000;
  const shares = createShares({ limit, seconds, clock: () => now });
  /** Takes one, where there is any left. */
  const take = (owner: string) => {
    const isLeft = !shares.isUsedUp(owner);
    if (isLeft) {
      shares.take(owner);
    }
    return isLeft;
  };
  const takeAll = (owner: string, count: number) => Array.from({ length: count }, () => take(owner));
  return { take, takeAll, advance: (time: number) => (now += time) };
}

describe("a share", () => {
  it("is so much and no more, for each owner", () => {
    const { takeAll } = setUp();
    expect(takeAll("a", 5)).toEqual([true, true, true, false, false]);
    expect(takeAll("b", 4)).toEqual([true, true, true, false]);
  });

  it("comes back piece by piece, once the time of each piece is over, and not before", () => {
    const { take, takeAll, advance } = setUp();
    expect(takeAll("a", 2)).toEqual([true, true]);
    advance(50);
    expect(takeAll("a", 2)).toEqual([true, false]);
    advance(50);
    expect(take("a")).toBe(false);
    advance(10);
    expect(takeAll("a", 3)).toEqual([true, true, false]);
    advance(110);
    expect(takeAll("a", 4)).toEqual([true, true, true, false]);
  });

  it("is whole again after a long time, and what was refused has taken nothing", () => {
    const { takeAll, advance } = setUp();
    takeAll("a", 1000);
    advance(10_000);
    expect(takeAll("a", 4)).toEqual([true, true, true, false]);
  });

  it("is never more within the time, however it is taken", () => {
    const { take, advance } = setUp({ limit: 20, seconds: 60 });
    const taken: number[] = [];
    for (let second = 0; second < 600; second++) {
      if (take("a")) {
        taken.push(second);
      }
      advance(1);
      const within = taken.filter((time) => time > second - 60);
      expect(within.length).toBeLessThanOrEqual(20);
    }
    expect(taken.length).toBeGreaterThan(150);
  });
});
