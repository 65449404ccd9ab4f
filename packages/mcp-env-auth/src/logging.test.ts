import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./env/redaction.ts";
import { createLogger, type LogLevel } from "./logging.ts";

function capture(level: LogLevel, isTTY = false, secrets: string[] = []) {
  const redactor = createRedactor(secrets);
  const destination = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY });
  const logger = createLogger({ level, redact: (line) => redactor.redactText(line), destination });
  return { logger, written: () => String(destination.read() ?? "") };
}

describe("the log", () => {
  it("is one JSON object a line", () => {
    const { logger, written } = capture("INFO");
    logger.info({ event: "tokens-issued" }, "A client got its tokens");
    expect(JSON.parse(written())).toMatchObject({ level: 30, event: "tokens-issued", msg: "A client got its tokens" });
  });

  it("is a line for people on a terminal", () => {
    const { logger, written } = capture("INFO", true);
    logger.warn({ retryInSeconds: 2 }, "Not yet");
    expect(written()).toMatch(/^\d\d:\d\d:\d\d warn {2}Not yet retryInSeconds=2\n$/);
  });

  it("on a terminal keeps to its line, whatever others sent", () => {
    const { logger, written } = capture("INFO", true);
    logger.warn({ reason: "a\nb\u001b[2Jc", list: ["\u009b2J\u2028\u202e"] }, "No\r12:00:00 info  All is well");
    expect(written()).toMatch(/^[^\p{Cc}\p{Zl}\p{Bidi_Control}]+\n$/u);
  });

  it.each([
    ["DEBUG", 4],
    ["INFO", 3],
    ["WARNING", 2],
    ["ERROR", 1],
    ["CRITICAL", 0],
  ] as const)("has what is at least %s", (level, lines) => {
    const { logger, written } = capture(level);
    logger.debug({}, "d");
    logger.info({}, "i");
    logger.warn({}, "w");
    logger.error({}, "e");
    expect(written().split("\n").filter(Boolean)).toHaveLength(lines);
  });

  it("cuts what a caller could make very long", () => {
    const { logger, written } = capture("INFO");
    logger.error({ err: new Error("x".repeat(1_000_000)) }, "A tool failed");
    const line = written();
    expect(line.length).toBeLessThan(40_000);
    expect(line).toContain("A tool failed");
  });
});

describe("Security rule 11: nothing secret in the log", () => {
  it("whether it is known by value or by its looks, also deep inside an error", () => {
    const { logger, written } = capture("INFO", false, ["the-client-secret"]);
    const cause = new Error("sent client_secret=the-client-secret and Authorization: Bearer abcdef123456");
    logger.error(
      { err: new Error("exchange failed", { cause }) },
      "Failed with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln",
    );
    const line = written();
    expect(line).toContain("exchange failed");
    for (const secret of ["the-client-secret", "abcdef123456", "c2ln"]) {
      expect(line).not.toContain(secret);
    }
  });
});
