import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOpenStreams } from "./open-streams.ts";

const NOW = 1_000_000;
const DAY = 24 * 3600;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 });
});

afterEach(() => {
  vi.useRealTimers();
});

const clock = () => Date.now() / 1000;

describe("open streams", () => {
  it("end with their tokens, and no sooner", () => {
    const end = vi.fn();
    createOpenStreams(clock).add(end, NOW + 60);
    vi.advanceTimersByTime(59_999);
    expect(end).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalledOnce();
  });

  it("of a token that has expired meanwhile end at once", () => {
    const end = vi.fn();
    createOpenStreams(clock).add(end, NOW - 1);
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalledOnce();
  });

  it("without a token, or with one that lasts longer than a timer, stay open", () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.add(end);
    streams.add(end, NOW + 365 * DAY);
    vi.advanceTimersByTime(DAY * 1000);
    expect(end).not.toHaveBeenCalled();
  });

  it("all end together, each once", () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.add(end, NOW + 60);
    streams.add(end);
    streams.endAll();
    vi.advanceTimersByTime(DAY * 1000);
    expect(end).toHaveBeenCalledTimes(2);
  });

  it("that come after that end at once", () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.endAll();
    streams.add(end, NOW + 60);
    expect(end).toHaveBeenCalledOnce();
  });

  it("that ended by themselves are forgotten, and leave no timer", () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.add(end, NOW + 60)();
    expect(vi.getTimerCount()).toBe(0);
    streams.endAll();
    expect(end).not.toHaveBeenCalled();
  });
});
