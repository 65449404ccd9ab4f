import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { systemClock } from "../lib/clock.ts";
import { type Logger, silentLogger } from "../logger.ts";
import { GuardStoreUnavailable } from "./guard-store.ts";
import { openGuardStore } from "./open-guard-store.ts";

const PASSWORD = "pass-word-of-redis";

/** A reserved port, which nobody listens on. */
const NOBODY = "127.0.0.1:1";

function recordingLogger() {
  const lines: { level: string; fields: object; message: string }[] = [];
  const record = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const logger: Logger = {
    debug: record("debug"),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
  };
  return { lines, logger };
}

describe("openGuardStore", () => {
  const options = { clock: systemClock, logger: silentLogger };

  it("opens a store in memory for memory://", async () => {
    const store = await openGuardStore("memory://", options);

    expect(await store.claim("code", "a", 10)).toBe(true);
    expect(await store.claim("code", "a", 10)).toBe(false);
  });

  it.each([
    "",
    "redis",
    `http://user:${PASSWORD}@localhost`,
    `redis://user:${PASSWORD}@local host`,
    `redis://user:${PASSWORD}%zz@localhost:6379`,
    `redis://user:${PASSWORD}@localhost:6379/not-a-number`,
  ])("refuses %j with the variable's name, and without its value", async (url) => {
    const error = await openGuardStore(url, options).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems[0]?.variable).toBe("FASTMCP_STORAGE_URL");
    expect((error as ConfigError).message).toContain("redis://");
    expect(`${(error as Error).stack} ${JSON.stringify(error)} ${(error as Error).cause}`).not.toContain(PASSWORD);
  });

  describe("with a Redis that can't be reached", () => {
    it("opens, refuses what Redis would have to answer, and lets calls through", async () => {
      const store = await openGuardStore(`redis://${NOBODY}`, options);
      try {
        await expect(store.claim("code", "a", 10)).rejects.toThrow(GuardStoreUnavailable);
        await expect(store.get("answer", "a")).rejects.toThrow(GuardStoreUnavailable);
        await expect(store.set("answer", "a", "value", 10)).rejects.toThrow(GuardStoreUnavailable);
        await expect(store.release("code", "a")).rejects.toThrow(GuardStoreUnavailable);
        expect(await store.denied([["deny-token", "a"]])).toBeUndefined();
        expect(await store.healthy()).toBe(false);
      } finally {
        await store.close();
      }
    });

    it("rejects a denial, so that the client tries again, and still keeps to it", async () => {
      const store = await openGuardStore(`redis://${NOBODY}`, options);
      try {
        await expect(store.set("deny-token", "a", "1", 10)).rejects.toThrow(GuardStoreUnavailable);
        expect(await store.denied([["deny-token", "a"]])).toBe("deny-token");
      } finally {
        await store.close();
      }
    });

    it("says so once, with the host and what to check, and stays silent when closed", async () => {
      const { lines, logger } = recordingLogger();
      const store = await openGuardStore(`redis://${NOBODY}`, { ...options, logger });
      await store.healthy();
      await store.healthy();
      await store.close();
      await store.healthy();

      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({ level: "warn", fields: { event: "redis-down", host: NOBODY } });
      expect(lines[0]?.message).toContain("FASTMCP_STORAGE_URL");
    });
  });
});

describe("Security rule 11: nothing secret in logs and errors", () => {
  it("keeps the password of FASTMCP_STORAGE_URL out of them, though Redis is down", async () => {
    const { lines, logger } = recordingLogger();
    const url = `redis://user:${PASSWORD}@${NOBODY}`;
    const store = await openGuardStore(url, { clock: systemClock, logger });
    const error = await store.claim("code", "a", 10).catch((reason: unknown) => reason);
    await store.close();

    const shown = [...lines.map(({ fields }) => Object.values(fields)), error].flat().map(describeDeeply).join("\n");
    expect(shown).toContain("ECONNREFUSED");
    expect(shown).not.toContain(PASSWORD);
  });
});

/** Everything that a logger could show of a value. */
function describeDeeply(value: unknown): string {
  if (!(value instanceof Error)) {
    return JSON.stringify(value);
  }
  return [
    value.stack,
    JSON.stringify(value, Object.getOwnPropertyNames(value)),
    describeDeeply(value.cause ?? null),
  ].join();
}
