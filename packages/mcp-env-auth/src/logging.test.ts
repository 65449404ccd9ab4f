import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createRedactor } from "./env/redaction.ts";
import { createLogger, type LogFormat, type LogLevel } from "./logging.ts";

interface More {
  readonly format?: LogFormat;
  readonly processEnv?: NodeJS.ProcessEnv;
}

function capture(
  level: LogLevel,
  isTTY = false,
  secrets: string[] = [],
  more: More = { processEnv: { NO_COLOR: "1" } },
) {
  const redactor = createRedactor(secrets);
  const destination = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY });
  const logger = createLogger({
    level,
    redact: redactor.redactText,
    redactLine: redactor.redactLine,
    destination,
    ...more,
  });
  return { logger, written: () => String(destination.read() ?? "") };
}

describe("the log", () => {
  it("is one JSON object a line", () => {
    const { logger, written } = capture("INFO");
    logger.info({ event: "tokens-issued" }, "A client got its tokens");
    expect(JSON.parse(written())).toMatchObject({ level: 30, event: "tokens-issued", msg: "A client got its tokens" });
  });

  it.each([
    ["a key that is cut off", "-----BEGIN PRIVATE KEY-----\nMIIhidden", "", "[redacted]"],
    ["a quoted secret", 'connection: password="hidden" user=a', "", "connection: password=[redacted] user=a"],
    ["a quoted cookie", 'Cookie: a="hidden"; b=hidden', "", "Cookie: [redacted]"],
    ["a port, and an address further on", "a@b.c", "http://localhost:8000", "a@b.c"],
    ["a token in JSON in JSON", JSON.stringify({ a: JSON.stringify({ token: "hidden" }) }), "", undefined],
  ])("is JSON, whatever is removed from it: %s", (_what, message, sub, expected) => {
    const { logger, written } = capture("INFO");
    logger.info({ nested: { sub }, password: "hidden" }, message);
    const line = written();
    expect(line).not.toMatch(/hid|den/);
    const { msg, nested, password } = JSON.parse(line);
    expect({ nested, password }).toEqual({ nested: { sub }, password: "[redacted]" });
    expect(expected ?? msg).toBe(msg);
    expect(line.endsWith("}\n")).toBe(true);
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

describe("the log on a terminal", () => {
  it("has the stack of an error on lines of its own, with its cause", () => {
    const { logger, written } = capture("INFO", true);
    logger.error({ err: new Error("first", { cause: new Error("second\nline") }), reference: "r1" }, "A tool failed");
    const [line, ...stack] = written().trimEnd().split("\n");
    expect(line).toMatch(/^\d\d:\d\d:\d\d error A tool failed reference=r1$/);
    expect(stack[0]).toMatch(/^ {4}Error: first/);
    expect(stack.filter((text) => text.includes("caused by: Error: second"))).toHaveLength(1);
    expect(stack.every((text) => text.startsWith("    "))).toBe(true);
  });

  it("is colored there, unless NO_COLOR says otherwise, and elsewhere where FORCE_COLOR does", () => {
    const colored = (isTTY: boolean, processEnv: NodeJS.ProcessEnv, format: LogFormat = "text") => {
      const { logger, written } = capture("INFO", isTTY, [], { format, processEnv });
      logger.error({ a: 1 }, "No");
      return written().includes("\u001b[31merror");
    };
    expect([colored(true, {}), colored(false, {}), colored(false, { FORCE_COLOR: "1" })]).toEqual([true, false, true]);
    expect([colored(true, { NO_COLOR: "1" }), colored(true, { FORCE_COLOR: "0" })]).toEqual([false, false]);
    expect(colored(true, { FORCE_COLOR: "1" }, "json")).toBe(false);
  });

  it("steers no terminal in any line, of a stack and a banner among them", () => {
    const evil = "a\u001b[2J\u009b1A\u202eb\u2028c\rd";
    const error = new Error(evil);
    error.stack = `Error: ${evil}\n at ${evil}`;
    const { logger, written } = capture("INFO", true);
    logger.error({ err: error, [evil]: evil }, evil);
    logger.banner?.(evil, [["Name", evil]]);
    for (const line of written().split("\n")) {
      expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Bidi_Control}]/u);
    }
  });

  it("has no secret either, in fields, stacks and banners, colored or not", () => {
    for (const processEnv of [{ NO_COLOR: "1" }, { FORCE_COLOR: "1" }]) {
      const { logger, written } = capture("INFO", true, ["the-client-secret"], { processEnv });
      const said = "client_secret=abc123def456 the-client-secret";
      logger.error({ err: new Error(said), said, client_secret: "abc123def456" }, said);
      logger.banner?.(said, [["a", said]]);
      const text = written();
      expect(text).not.toMatch(/abc123def456|the-client-secret/);
      expect(text).toContain("[redacted]");
    }
  });

  it("begins with a banner where INFO is logged and somebody reads along", () => {
    expect(capture("INFO", true).logger.banner).toBeDefined();
    expect(capture("WARNING", true).logger.banner).toBeUndefined();
    expect(capture("INFO", false).logger.banner).toBeUndefined();
    const { logger, written } = capture("INFO", true);
    logger.banner?.("Weather 1.0.0", [
      ["Address", "http://localhost"],
      ["Next", "connect"],
    ]);
    expect(written()).toBe("Weather 1.0.0\n  Address  http://localhost\n  Next     connect\n");
  });
});

describe("the log for machines", () => {
  it("has the severity and message that Google Cloud Logging reads", () => {
    const { logger, written } = capture("DEBUG", true, [], { format: "google-cloud" });
    for (const level of ["debug", "info", "warn", "error"] as const) {
      logger[level]({ event: "e" }, "Hello");
    }
    const lines = written().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      ["DEBUG", "INFO", "WARNING", "ERROR"].map((severity) => ({
        severity,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        event: "e",
        message: "Hello",
      })),
    );
  });

  it("steers no terminal that shows it later, and says the same", () => {
    const evil = "\u001b[2J\u009b1A\u202e\u2028\u007f";
    const { logger, written } = capture("INFO");
    logger.info({ evil }, evil);
    const line = written();
    expect(line.trimEnd()).not.toMatch(/[\p{Cc}\p{Zl}\p{Bidi_Control}]/u);
    expect(JSON.parse(line)).toMatchObject({ evil, msg: evil });
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
