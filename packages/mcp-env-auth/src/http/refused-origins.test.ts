import { describe, expect, it } from "vitest";
import type { Logger } from "../logger.ts";
import { createRefusedOrigins } from "./refused-origins.ts";

function record() {
  const lines: { origin?: string; message: string }[] = [];
  const log = (fields: object, message: string) => void lines.push({ ...fields, message });
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  return { lines, note: createRefusedOrigins(logger) };
}

describe("origins that were refused", () => {
  it("are logged once each", () => {
    const { lines, note } = record();
    for (const origin of ["https://a.example", "https://b.example", "https://a.example", "null", ""]) {
      note(origin);
    }
    expect(lines.map(({ origin }) => origin)).toEqual(["https://a.example", "https://b.example", "null", ""]);
    expect(lines[0]?.message).toContain("FASTMCP_HTTP_ALLOWED_ORIGINS");
  });

  it("are at most 100, cut to 200 characters, and the last one says so", () => {
    const { lines, note } = record();
    for (let count = 0; count < 1000; count++) {
      note(`https://${count}.example/${"x".repeat(10_000)}`);
    }
    expect(lines).toHaveLength(100);
    expect(Math.max(...lines.map(({ origin = "" }) => origin.length))).toBe(200);
    const last = lines.map(({ message }) => message.includes("Further origins won't be logged."));
    expect(last.indexOf(true)).toBe(99);
  });
});
