import { describe, expect, it, vi } from "vitest";
import RetriedTests from "./retried-tests.mjs";

const test = (fullName: string, retryCount: number, state: "passed" | "failed", message?: string) =>
  ({
    fullName,
    module: { relativeModuleId: "a.test.ts" },
    diagnostic: () => ({ retryCount }),
    result: () => ({ state, errors: message === undefined ? undefined : [{ message }] }),
  }) as unknown as Parameters<RetriedTests["onTestCaseResult"]>[0];

function reported(...tests: ReturnType<typeof test>[]): string[] {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const reporter = new RetriedTests();
    tests.forEach((each) => {
      reporter.onTestCaseResult(each);
    });
    reporter.onTestRunEnd();
    return log.mock.calls.map(([line]) => String(line));
  } finally {
    log.mockRestore();
  }
}

describe("tests that were repeated", () => {
  it("are named with the first line of their first error", () => {
    expect(reported(test("is late", 1, "passed", "expected 1 to be 2\nmore"), test("other", 1, "passed"))).toEqual([
      "Passed only when repeated:\n  a.test.ts > is late: expected 1 to be 2\n  a.test.ts > other",
    ]);
  });

  it("are no news where they passed at once, or failed", () => {
    expect(reported(test("fine", 0, "passed"), test("broken", 1, "failed", "no"))).toEqual([]);
  });
});
