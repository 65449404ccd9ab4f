import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DENIAL_OF_ALL, denialUntil, GUARD_CLASSES, isDenial } from "../guard-entry.ts";
import type { GuardStore } from "../guard-store.ts";

/** A guard store under test, empty at first. */
export interface GuardStoreUnderTest {
  readonly store: GuardStore;
  /** Lets `seconds` pass for the store. */
  elapse(seconds: number): Promise<void>;
}

const LONG = 60;
const SHORT = 0.2;

/** The tests that every guard store passes. */
export function describeGuardStore(name: string, create: () => Promise<GuardStoreUnderTest>): void {
  describe(`${name} keeps the contract of a guard store`, () => {
    let store: GuardStore;
    let elapse: GuardStoreUnderTest["elapse"];

    beforeEach(async () => {
      ({ store, elapse } = await create());
    });

    afterEach(() => store.close());

    describe.each(GUARD_CLASSES)("%s", (kind) => {
      it("is claimed once, and not while it was set", async () => {
        expect(await store.claim(kind, "a", LONG)).toBe(true);
        expect(await store.claim(kind, "a", LONG)).toBe(false);
        expect(await store.claim(kind, "b", LONG)).toBe(true);
        await store.set(kind, "c", "value", LONG);
        expect(await store.claim(kind, "c", LONG)).toBe(false);
      });

      it("is a space of its own", async () => {
        await store.claim(kind, "a", LONG);
        for (const other of GUARD_CLASSES) {
          expect((await store.get(other, "a")) !== undefined, other).toBe(other === kind);
        }
      });

      it("gives back what was set, the latest value, and nothing once released", async () => {
        expect(await store.get(kind, "a")).toBeUndefined();
        await store.set(kind, "a", "one", LONG);
        expect(await store.get(kind, "a")).toBe("one");
        await store.set(kind, "a", "two ✓ \u0000", LONG * 2);
        expect(await store.get(kind, "a")).toBe("two ✓ \u0000");
        await store.release(kind, "a");
        expect(await store.get(kind, "a")).toBeUndefined();
      });
    });

    it("counts quotas up to their limits, all or none of them, in windows of their own", async () => {
      const quota = (id: string, limit: number) => ({ id, limit });
      expect(await store.take([quota("a", 2), quota("b", 1)], 1, SHORT * 5)).toBe(0);
      const wait = await store.take([quota("a", 2), quota("b", 1)], 1, SHORT * 5);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(SHORT * 5);
      expect(await store.take([quota("a", 2)], 1, SHORT * 5)).toBe(0);
      expect(await store.take([quota("a", 2)], 1, SHORT * 5)).toBeGreaterThan(0);
      expect(await store.take([quota("c", 2)], 3, SHORT * 5)).toBeGreaterThan(0);
      expect(await store.take([quota("c", 2)], 2, SHORT * 5)).toBe(0);
      await elapse(SHORT * 6);
      expect(await store.take([quota("a", 2), quota("b", 1)], 1, SHORT * 5)).toBe(0);
    });

    it("counts many at once, and none too many", async () => {
      const takes = await Promise.all(Array.from({ length: 50 }, () => store.take([{ id: "a", limit: 7 }], 1, LONG)));
      expect(takes.filter((wait) => wait === 0)).toHaveLength(7);
    });

    it("gives one of many concurrent claims the id", async () => {
      const claims = await Promise.all(Array.from({ length: 50 }, () => store.claim("code", "a", LONG)));

      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    it("lets a released id be claimed again", async () => {
      await store.claim("code", "a", LONG);
      await store.release("code", "a");
      await store.release("code", "never claimed");

      expect(await store.claim("code", "a", LONG)).toBe(true);
    });

    it("gives a claim back to the holder of its ticket only", async () => {
      await store.claim("lock", "a", LONG, "one");
      await store.release("lock", "a", "other");
      expect(await store.claim("lock", "a", LONG, "other")).toBe(false);
      await store.release("lock", "a", "one");
      expect(await store.claim("lock", "a", LONG, "other")).toBe(true);
      await store.release("lock", "a", "one");
      expect(await store.claim("lock", "a", LONG, "third")).toBe(false);
      await store.release("lock", "a");
      expect(await store.claim("lock", "a", LONG, "third")).toBe(true);
    });

    it("forgets claims, values and denials once their time has passed", async () => {
      await store.claim("code", "a", SHORT);
      await store.set("answer", "a", "value", SHORT);
      await store.set("deny-token", "a", "1", SHORT);
      await elapse(SHORT * 2);

      expect(await store.claim("code", "a", LONG)).toBe(true);
      expect(await store.get("answer", "a")).toBeUndefined();
      expect(await store.denied([["deny-token", "a"]])).toBeUndefined();
    });

    it("takes times to live of a fraction, and of nothing", async () => {
      expect(await store.claim("code", "a", 0.0001)).toBe(true);
      expect(await store.claim("code", "b", 0)).toBe(true);
      await store.set("answer", "a", "value", -5);
      await elapse(0.05);

      expect(await store.get("code", "a")).toBeUndefined();
      expect(await store.get("code", "b")).toBeUndefined();
      expect(await store.get("answer", "a")).toBeUndefined();
    });

    it("refuses a time to live that is no number", async () => {
      await expect(store.claim("code", "a", Number.NaN)).rejects.toThrow(RangeError);
      await expect(store.set("answer", "a", "value", Number.POSITIVE_INFINITY)).rejects.toThrow(RangeError);
    });

    it("denies nothing at first", async () => {
      expect(await store.denied([])).toBeUndefined();
      expect(await store.denied(GUARD_CLASSES.map((kind) => [kind, "a"] as const))).toBeUndefined();
    });

    it.each(GUARD_CLASSES.filter(isDenial))("names %s as what denies, from the moment it was set", async (kind) => {
      const entries = GUARD_CLASSES.filter(isDenial).map((each) => [each, "a"] as const);
      expect(await store.denied(entries)).toBeUndefined();
      await store.set(kind, "a", "1", LONG);

      expect(await store.denied(entries)).toBe(kind);
      expect(await store.denied([[kind, "b"]])).toBeUndefined();
    });

    it("names the first of several denials", async () => {
      await store.set("deny-subject", "a", "1", LONG);
      await store.set("deny-family", "b", "1", LONG);

      expect(
        await store.denied([
          ["deny-token", "c"],
          ["deny-family", "b"],
          ["deny-subject", "a"],
        ]),
      ).toBe("deny-family");
    });

    it("lifts a denial that is released", async () => {
      await store.set("deny-client", "a", "1", LONG);
      await store.release("deny-client", "a");

      expect(await store.denied([["deny-client", "a"]])).toBeUndefined();
    });

    it("never shortens a denial", async () => {
      await store.set("deny-family", "a", "1", LONG);
      await store.set("deny-family", "a", "1", SHORT);
      await elapse(SHORT * 2);

      expect(await store.denied([["deny-family", "a"]])).toBe("deny-family");
      expect(await store.get("deny-family", "a")).toBeDefined();
    });

    it("prolongs a denial", async () => {
      await store.set("deny-family", "a", "1", SHORT);
      await store.set("deny-family", "a", "1", LONG);
      await elapse(SHORT * 2);

      expect(await store.get("deny-family", "a")).toBeDefined();
    });

    it("denies what began before, and not what began after, where the denial says so", async () => {
      await store.set("deny-subject", "a", denialUntil(1000), LONG);

      expect(await store.denied([["deny-subject", "a", 999]])).toBe("deny-subject");
      expect(await store.denied([["deny-subject", "a", 1000]])).toBe("deny-subject");
      expect(await store.denied([["deny-subject", "a", 1001]])).toBeUndefined();
      expect(await store.denied([["deny-subject", "a"]])).toBeUndefined();
    });

    it("takes a denial of everything in the place of a longer one of what began before", async () => {
      await store.set("deny-subject", "a", denialUntil(1000), LONG);
      await store.set("deny-subject", "a", DENIAL_OF_ALL, SHORT);
      await elapse(SHORT * 2);

      expect(await store.denied([["deny-subject", "a", 1001]])).toBe("deny-subject");
    });

    it("is healthy", async () => {
      expect(await store.healthy()).toBe(true);
    });
  });
}
