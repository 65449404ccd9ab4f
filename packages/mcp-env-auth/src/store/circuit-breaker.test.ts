import { describe, expect, it } from "vitest";
import { createCircuitBreaker } from "./circuit-breaker.ts";

describe("createCircuitBreaker", () => {
  function create() {
    const time = { now: 100 };
    return { time, breaker: createCircuitBreaker(1, () => time.now) };
  }

  it("admits everyone until the first failure", () => {
    const { breaker } = create();

    expect([breaker.admits(), breaker.admits()]).toEqual([true, true]);
    breaker.failed();
    expect(breaker.admits()).toBe(false);
  });

  it("admits one at a time after the pause, until one has succeeded", () => {
    const { breaker, time } = create();
    breaker.failed();
    time.now += 0.9;
    expect(breaker.admits()).toBe(false);
    time.now += 0.1;

    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
    breaker.succeeded();
    expect([breaker.admits(), breaker.admits()]).toEqual([true, true]);
  });

  it("pauses again when the one it admitted failed", () => {
    const { breaker, time } = create();
    breaker.failed();
    time.now += 1;
    breaker.admits();
    breaker.failed();

    expect(breaker.admits()).toBe(false);
    time.now += 1;
    expect(breaker.admits()).toBe(true);
  });
});
