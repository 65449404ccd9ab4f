import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createOpenStreams, type StreamToken } from "./open-streams.ts";

const NOW = 1_000_000;
const DAY = 24 * 3600;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 });
});

afterEach(() => {
  vi.useRealTimers();
});

const clock = () => Date.now() / 1000;
const tokenUntil = (expiresAt: number, rest: Partial<StreamToken> = {}): StreamToken => ({
  owner: "alice",
  expiresAt,
  isGood: async () => true,
  ...rest,
});

describe("open streams", () => {
  it("end with their tokens, and no sooner", async () => {
    const end = vi.fn();
    createOpenStreams(clock).add(end, tokenUntil(NOW + 60));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(end).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(end).toHaveBeenCalledOnce();
  });

  it("of a token that has expired meanwhile end at once", () => {
    const end = vi.fn();
    createOpenStreams(clock).add(end, tokenUntil(NOW - 1));
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalledOnce();
  });

  it("without a token, or with one that lasts longer than a timer, stay open", async () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.add(end);
    streams.add(end, tokenUntil(NOW + 365 * DAY));
    await vi.advanceTimersByTimeAsync(3600 * 1000);
    expect(end).not.toHaveBeenCalled();
  });

  it("end soon after their token was revoked", async () => {
    const end = vi.fn();
    let good = true;
    createOpenStreams(clock).add(end, tokenUntil(NOW + DAY, { isGood: async () => good }));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(end).not.toHaveBeenCalled();
    good = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(end).toHaveBeenCalledOnce();
  });

  it("are limited for each owner, so that nobody takes all there are", () => {
    const streams = createOpenStreams(clock);
    const forget = Array.from({ length: 16 }, () => streams.add(() => {}, tokenUntil(NOW + 60)));
    expect(forget.every((entry) => entry !== undefined)).toBe(true);
    expect(streams.add(() => {}, tokenUntil(NOW + 60))).toBeUndefined();
    expect(streams.add(() => {}, tokenUntil(NOW + 60, { owner: "bob" }))).toBeDefined();
    forget[0]?.();
    forget[0]?.();
    expect(streams.add(() => {}, tokenUntil(NOW + 60))).toBeDefined();
    expect(streams.add(() => {}, tokenUntil(NOW + 60))).toBeUndefined();
  });

  it("all end together, each once", async () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.add(end, tokenUntil(NOW + 60));
    streams.add(end);
    streams.endAll();
    await vi.advanceTimersByTimeAsync(3600 * 1000);
    expect(end).toHaveBeenCalledTimes(2);
  });

  it("that come after that end at once", () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.endAll();
    streams.add(end, tokenUntil(NOW + 60));
    expect(end).toHaveBeenCalledOnce();
  });

  it("that ended by themselves are forgotten, and leave no timer", () => {
    const end = vi.fn();
    const streams = createOpenStreams(clock);
    streams.add(end, tokenUntil(NOW + 60))?.();
    expect(vi.getTimerCount()).toBe(0);
    streams.endAll();
    expect(end).not.toHaveBeenCalled();
  });
});
