import { describe, expect, it } from "vitest";
import { checks as doctorChecks } from "../cli/doctor/checks.ts";
import { silentLogger } from "../logger.ts";
import { diagnoseFailedLogins } from "./dev-doctor.ts";

function watch() {
  const ran: (readonly string[])[] = [];
  const lines: string[] = [];
  const time = { now: 0 };
  const logger = diagnoseFailedLogins(
    {
      ...silentLogger,
      info: (_fields, message) => void lines.push(message),
      warn: (_fields, message) => void lines.push(message),
    },
    (checks) => ran.push(checks),
    () => time.now,
  );
  return { logger, ran, lines, time };
}

describe("a login that fails in development", () => {
  it.each([
    [{ event: "provider-failed", kind: "credentials" }, ["credentials", "callback"]],
    [{ event: "provider-failed", kind: "unavailable" }, ["discovery", "keys"]],
    [{ event: "provider-failed", kind: "rejected" }, expect.arrayContaining(["audience", "credentials"])],
    [{ event: "provider-failed", kind: "constructor" }, expect.arrayContaining(["audience", "credentials"])],
    [{ event: "provider-token-refused", fault: "audience" }, expect.arrayContaining(["audience", "keys"])],
    [{ event: "login-failed", error: "access_denied" }, expect.arrayContaining(["login", "organization"])],
    [{ event: "organization-refused" }, ["organization"]],
    [{ event: "scopes-withheld" }, ["login", "scopes"]],
  ])("has doctor run what is about %j", (fields, expected) => {
    const { logger, ran, lines } = watch();
    logger.warn(fields, "It failed.");
    expect(ran).toEqual([expected]);
    expect(lines[0]).toBe("It failed.");
    expect(lines[1]).toContain("mcp-env-auth doctor --only");
    const names = doctorChecks.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...(ran[0] ?? [])]));
  });

  it("is looked into once in half a minute, and other lines never", () => {
    const { logger, ran, time } = watch();
    logger.error({ event: "call-failed" }, "x");
    logger.warn({}, "x");
    logger.info({ event: "login-failed" }, "x");
    expect(ran).toEqual([]);
    logger.error({ event: "login-failed" }, "x");
    time.now = 29_000;
    logger.error({ event: "login-failed" }, "x");
    expect(ran).toHaveLength(1);
    time.now = 31_000;
    logger.error({ event: "login-failed" }, "x");
    expect(ran).toHaveLength(2);
  });
});
