import { describe, expect, it } from "vitest";
import { silentLogger } from "../logger.ts";
import { GUARD_CLASSES } from "./guard-entry.ts";
import { GuardShareUsedUp, GuardStoreUnavailable } from "./guard-store.ts";
import { createMemoryGuardStore } from "./memory-guard-store.ts";
import { describeGuardStore } from "./testing/guard-store-contract.ts";

describeGuardStore("the guard store in memory", async () => {
  let now = 1_760_000_000;
  return {
    store: createMemoryGuardStore({ clock: () => now }),
    async elapse(seconds) {
      now += seconds;
    },
  };
});

describe("a full guard store in memory", () => {
  let now = 0;
  const create = () => {
    now = 0;
    return createMemoryGuardStore({
      clock: () => now,
      capacities: Object.fromEntries(GUARD_CLASSES.map((kind) => [kind, 2])),
    });
  };
  const strict = GUARD_CLASSES.filter((kind) => kind !== "answer" && kind !== "setting");

  it.each(strict)("refuses another %s instead of forgetting one", async (kind) => {
    const store = create();
    await store.set(kind, "a", "1", 10);
    await store.claim(kind, "b", 20);

    await expect(store.set(kind, "c", "1", 30)).rejects.toThrow(GuardStoreUnavailable);
    await expect(store.claim(kind, "c", 30)).rejects.toThrow(GuardStoreUnavailable);
    expect(await store.denied([[kind, "a"]])).toBe(kind);
    expect(await store.denied([[kind, "b"]])).toBe(kind);
    expect(await store.claim(kind, "a", 30)).toBe(false);
  });

  it.each(strict)("takes another %s once one has ended", async (kind) => {
    const store = create();
    await store.claim(kind, "a", 10);
    await store.claim(kind, "b", 20);
    now = 10;

    expect(await store.claim(kind, "c", 30)).toBe(true);
    await expect(store.claim(kind, "d", 30)).rejects.toThrow(GuardStoreUnavailable);
  });

  it.each([
    ["answer", "it only serves a repeated refresh"],
    ["setting", "its client can set it again"],
  ] as const)("drops the %s that ends first, since %s", async (kind, _reason) => {
    const store = create();
    await store.set(kind, "a", "one", 10);
    await store.set(kind, "b", "two", 20);
    await store.set(kind, "c", "three", 30);

    expect(await store.get(kind, "a")).toBeUndefined();
    expect(await store.get(kind, "b")).toBe("two");
    expect(await store.get(kind, "c")).toBe("three");
  });

  it("reports it once a minute for each class", async () => {
    const reports: object[] = [];
    now = 1_760_000_000;
    const store = createMemoryGuardStore({
      clock: () => now,
      capacities: { login: 0, code: 0 },
      logger: { ...silentLogger, error: (fields) => void reports.push(fields) },
    });
    const refused = (kind: "login" | "code") => expect(store.claim(kind, "a", 10)).rejects.toThrow("is full");
    for (const kind of ["login", "login", "code"] as const) {
      await refused(kind);
    }
    now += 60;
    await refused("login");
    expect(reports).toEqual(["login", "code", "login"].map((kind) => ({ event: "guard-store-full", kind })));
  });

  it("keeps room in every other class", async () => {
    const store = create();
    for (const id of ["a", "b"]) {
      await store.claim("code", id, 10);
    }

    await expect(store.claim("code", "c", 10)).rejects.toThrow(/"code" entries.*FASTMCP_STORAGE_URL/);
    for (const kind of GUARD_CLASSES.filter((each) => each !== "code")) {
      expect(await store.claim(kind, "c", 10)).toBe(true);
    }
  });
});

describe("Security rule 22: a guard store in memory", () => {
  it.each(GUARD_CLASSES)("gives each owner a tenth of the room for a %s", async (kind) => {
    const capacities = Object.fromEntries(GUARD_CLASSES.map((one) => [one, 20]));
    const log: string[] = [];
    const logger = { ...silentLogger, error: (_fields: object, message: string) => void log.push(message) };
    const store = createMemoryGuardStore({ clock: () => 0, capacities, logger });
    await store.set(kind, "a1", "1", 10, "alice");
    expect(await store.claim(kind, "a2", 10, "", "alice")).toBe(true);
    await store.set(kind, "a1", "2", 10, "alice");
    await expect(store.set(kind, "a3", "1", 10, "alice")).rejects.toThrow(GuardShareUsedUp);
    await expect(store.claim(kind, "a3", 10, "", "alice")).rejects.toThrow(GuardShareUsedUp);
    expect(await store.claim(kind, "a2", 10, "", "alice")).toBe(false);
    await store.set(kind, "b1", "1", 10, "bob");
    await store.set(kind, "c1", "1", 10);
    expect(log).toEqual([]);
  });
});
