import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OAuthError } from "../errors.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { recordingLogger } from "../upstream/testing/recording-logger.ts";
import { createOpenStreams, type OpenStreams, type StreamToken } from "./open-streams.ts";

const NOW = 1_000_000;
const DAY = 24 * 3600;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW * 1000 });
});

afterEach(() => {
  vi.useRealTimers();
});

const clock = () => Date.now() / 1000;
const openStreams = (limit = 1000, logger: Logger = silentLogger) => createOpenStreams({ limit, clock, logger });

/** Why there is no further stream; `undefined` when there is one. */
function refusalOf(streams: OpenStreams, owner: string): OAuthError | undefined {
  try {
    streams.add(() => {}, tokenUntil(NOW + 60, { owner }));
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) {
      return error;
    }
    throw error;
  }
}

const tokenUntil = (expiresAt: number, rest: Partial<StreamToken> = {}): StreamToken => ({
  owner: "alice",
  expiresAt,
  isGood: async () => true,
  ...rest,
});

describe("open streams", () => {
  it("end with their tokens, and no sooner", async () => {
    const end = vi.fn();
    openStreams().add(end, tokenUntil(NOW + 60));
    await vi.advanceTimersByTimeAsync(59_999);
    expect(end).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(end).toHaveBeenCalledOnce();
  });

  it("of a token that has expired meanwhile end at once", () => {
    const end = vi.fn();
    openStreams().add(end, tokenUntil(NOW - 1));
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalledOnce();
  });

  it("without a token, or with one that lasts longer than a timer, stay open", async () => {
    const end = vi.fn();
    const streams = openStreams();
    streams.add(end);
    streams.add(end, tokenUntil(NOW + 365 * DAY));
    await vi.advanceTimersByTimeAsync(3600 * 1000);
    expect(end).not.toHaveBeenCalled();
  });

  it("end soon after their token was revoked", async () => {
    const end = vi.fn();
    let good = true;
    openStreams().add(end, tokenUntil(NOW + DAY, { isGood: async () => good }));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(end).not.toHaveBeenCalled();
    good = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(end).toHaveBeenCalledOnce();
  });

  it("are limited for each owner, so that nobody takes all there are", () => {
    const streams = openStreams();
    const forget = Array.from({ length: 16 }, () => streams.add(() => {}, tokenUntil(NOW + 60)));
    expect(refusalOf(streams, "alice")).toMatchObject({ status: 429, retryAfter: 10 });
    expect(refusalOf(streams, "bob")).toBeUndefined();
    forget[0]?.();
    forget[0]?.();
    expect(refusalOf(streams, "alice")).toBeUndefined();
    expect(refusalOf(streams, "alice")).toMatchObject({ status: 429 });
  });

  it("all end together, each once", async () => {
    const end = vi.fn();
    const streams = openStreams();
    streams.add(end, tokenUntil(NOW + 60));
    streams.add(end);
    streams.endAll();
    await vi.advanceTimersByTimeAsync(3600 * 1000);
    expect(end).toHaveBeenCalledTimes(2);
  });

  it("that come after that end at once", () => {
    const end = vi.fn();
    const streams = openStreams();
    streams.endAll();
    streams.add(end, tokenUntil(NOW + 60));
    expect(end).toHaveBeenCalledOnce();
  });

  it("that ended by themselves are forgotten, and leave no timer", () => {
    const end = vi.fn();
    const streams = openStreams();
    streams.add(end, tokenUntil(NOW + 60))?.();
    expect(vi.getTimerCount()).toBe(0);
    streams.endAll();
    expect(end).not.toHaveBeenCalled();
  });
});

describe("when as many streams are open as may be", () => {
  /** Opens streams and remembers which have ended, in order. */
  function opener(streams: OpenStreams) {
    const ended: string[] = [];
    const open = (name: string, owner: string) =>
      streams.add(() => ended.push(name), tokenUntil(NOW + 3600, { owner }));
    return { ended, open };
  }

  it("a user without any gets a place from the one with the most, whose oldest ends", () => {
    const streams = openStreams(5);
    const { ended, open } = opener(streams);
    for (const [name, owner] of Object.entries({ a1: "a", b1: "b", a2: "a", a3: "a", b2: "b" })) {
      open(name, owner);
    }
    open("c1", "c");
    expect(ended).toEqual(["a1"]);
  });

  it("nobody gets a place from users who would then have fewer: 503", () => {
    const streams = openStreams(4);
    const { ended, open } = opener(streams);
    for (const [name, owner] of Object.entries({ a1: "a", a2: "a", b1: "b", b2: "b" })) {
      open(name, owner);
    }
    expect(refusalOf(streams, "a")).toMatchObject({ status: 503, retryAfter: 10, code: "temporarily_unavailable" });
    expect(refusalOf(streams, "b")).toMatchObject({ status: 503 });
    open("c1", "c");
    expect(refusalOf(streams, "c")).toMatchObject({ status: 503 });
    open("d1", "d");
    expect(ended).toEqual(["a1", "b1"]);
    expect(refusalOf(streams, "e")).toMatchObject({ status: 503 });
  });

  it("users who come back for what they lost take nothing from each other in turn", () => {
    const streams = openStreams(64);
    const { ended, open } = opener(streams);
    for (const owner of ["a", "b", "c", "d"]) {
      for (let count = 1; count <= 16; count += 1) {
        open(`${owner}${count}`, owner);
      }
    }
    open("e1", "e");
    expect(ended).toEqual(["a1"]);
    expect(refusalOf(streams, "a")).toMatchObject({ status: 503 });
    expect(ended).toEqual(["a1"]);
  });

  it("a place that a stream leaves is there for the next", () => {
    const streams = openStreams(2);
    const { ended, open } = opener(streams);
    const forget = open("a1", "a");
    open("b1", "b");
    expect(refusalOf(streams, "c")).toMatchObject({ status: 503 });
    forget();
    open("c1", "c");
    expect(ended).toEqual([]);
  });

  it("those without a token get 503: nobody can be told apart", () => {
    const streams = openStreams(1);
    streams.add(() => {});
    expect(() => streams.add(() => {})).toThrow("Try again later");
  });

  it("the log says so, and names the variable, once a minute", async () => {
    const logger = recordingLogger();
    const streams = openStreams(1, logger);
    streams.add(() => {});
    for (let count = 0; count < 10; count += 1) {
      expect(refusalOf(streams, "a")).toMatchObject({ status: 503 });
    }
    expect(logger.lines).toHaveLength(1);
    expect(logger.lines[0]).toMatchObject({ level: "warn", fields: { event: "subscriptions-full", limit: 1 } });
    expect(logger.lines[0]?.message).toContain("FASTMCP_MAX_SUBSCRIPTIONS");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refusalOf(streams, "a")).toMatchObject({ status: 503 });
    expect(logger.lines).toHaveLength(2);
  });
});
