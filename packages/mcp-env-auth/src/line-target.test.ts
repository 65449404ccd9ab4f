import { setImmediate } from "node:timers/promises";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { createLineTarget } from "./line-target.ts";

function capture() {
  const writes: string[] = [];
  const target = createLineTarget({ write: (text) => writes.push(text) }, (line) => `${JSON.parse(line).msg}\n`);
  return { logger: pino({ base: null }, target), writes };
}

const CALL = { event: "tool-called" };

describe("the lines of calls", () => {
  it("are written together at the end of the turn", async () => {
    const { logger, writes } = capture();
    logger.info(CALL, "1");
    logger.info({ event: "resource-read" }, "2");
    logger.info({ event: "prompt-requested" }, "3");
    expect(writes).toEqual([]);
    await setImmediate();
    expect(writes).toEqual(["1\n2\n3\n"]);
    await setImmediate();
    expect(writes).toHaveLength(1);
  });

  it("stay in order with all other lines, which are written at once", async () => {
    const { logger, writes } = capture();
    logger.info(CALL, "1");
    logger.error({}, "2");
    logger.info("3");
    logger.info(CALL, "4");
    expect(writes).toEqual(["1\n2\n", "3\n"]);
    await setImmediate();
    expect(writes).toEqual(["1\n2\n", "3\n", "4\n"]);
  });

  it("are written before they are longer than a pipe takes at once", async () => {
    const { logger, writes } = capture();
    for (const text of ["a", "b", "c"]) {
      logger.info(CALL, text.repeat(1_500));
    }
    expect(writes.map((text) => text.length)).toEqual([3_002]);
    logger.info(CALL, "d".repeat(10_000));
    await setImmediate();
    expect(writes.map((text) => text.length)).toEqual([3_002, 1_501, 10_001]);
  });

  it("leave nothing at the process once they are written", async () => {
    const { logger } = capture();
    const before = process.listenerCount("exit");
    for (let calls = 0; calls < 100; calls++) {
      logger.info(CALL, "1");
      logger.error({}, "2");
      logger.info(CALL, "3");
      await setImmediate();
    }
    expect(process.listenerCount("exit")).toBe(before);
  });

  it("are written when the process exits in the same turn", () => {
    const { logger, writes } = capture();
    const before = process.listeners("exit");
    logger.info(CALL, "1");
    const added = process.listeners("exit").filter((listener) => !before.includes(listener));
    expect([added.length, writes]).toEqual([1, []]);
    added[0]?.(0);
    expect(writes).toEqual(["1\n"]);
  });
});
