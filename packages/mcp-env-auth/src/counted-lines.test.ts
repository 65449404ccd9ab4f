import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createCountedLines } from "./counted-lines.ts";
import { silentLogger } from "./logger.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function record() {
  const lines: [level: string, fields: object, message: string][] = [];
  const lineAt = (level: string) => (fields: object, message: string) => lines.push([level, fields, message]);
  const counted = createCountedLines({ ...silentLogger, info: lineAt("info"), error: lineAt("error") });
  return { counted, lines };
}

const MINUTE = 60_000;

describe("lines that strangers can bring about", () => {
  it("are logged at once, then once a minute for each reason with their number, and no longer than they come", () => {
    const { counted, lines } = record();
    const refuse = () => counted.info("expired", { event: "refused" }, "The token has expired.");
    for (let count = 0; count < 1000; count++) {
      refuse();
    }
    expect(lines).toEqual([["info", { event: "refused" }, "The token has expired."]]);
    vi.advanceTimersByTime(MINUTE);
    expect(lines.slice(1)).toEqual([
      ["info", { event: "refused", count: 999 }, "The token has expired. (999 more in the last minute)"],
    ]);
    refuse();
    expect(lines).toHaveLength(2);
    vi.advanceTimersByTime(MINUTE);
    expect(lines[2]).toMatchObject(["info", { count: 1 }, expect.stringContaining("1 more")]);
    vi.advanceTimersByTime(10 * MINUTE);
    expect(lines).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
    refuse();
    expect(lines[3]).toEqual(["info", { event: "refused" }, "The token has expired."]);
  });

  it("are told apart by their reason and keep their level", () => {
    const { counted, lines } = record();
    counted.info("a", {}, "A");
    counted.error("b", {}, "B");
    counted.error("b", {}, "B");
    vi.advanceTimersByTime(MINUTE);
    expect(lines.map(([level, , message]) => `${level} ${message}`)).toEqual([
      "info A",
      "error B",
      "error B (1 more in the last minute)",
    ]);
  });

  it("stay few when their reasons are made up", () => {
    const { counted, lines } = record();
    for (let count = 0; count < 5000; count++) {
      counted.info(`reason ${count}`, {}, "No.");
    }
    expect(lines.length).toBeLessThanOrEqual(101);
    vi.advanceTimersByTime(MINUTE);
    expect(lines.length).toBeLessThanOrEqual(102);
    expect(lines.at(-1)?.[1]).toEqual({ count: 4899 });
    vi.advanceTimersByTime(MINUTE);
    expect(vi.getTimerCount()).toBe(0);
  });
});
