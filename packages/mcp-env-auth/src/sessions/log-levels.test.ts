import { describe, expect, it } from "vitest";
import { GuardStoreUnavailable } from "../store/guard-store.ts";
import { createMemoryGuardStore } from "../store/memory-guard-store.ts";
import { createLogLevels } from "./log-levels.ts";

function newReplicas() {
  let now = 1_900_000_000;
  let isDown = false;
  const clock = () => now;
  const memory = createMemoryGuardStore({ clock });
  const unlessDown = <T>(work: () => Promise<T>) =>
    isDown ? Promise.reject(new GuardStoreUnavailable("down")) : work();
  const store = {
    isShared: true,
    get: (...args: Parameters<typeof memory.get>) => unlessDown(() => memory.get(...args)),
    set: (...args: Parameters<typeof memory.set>) => unlessDown(() => memory.set(...args)),
  };
  return {
    one: createLogLevels({ store, clock }),
    other: createLogLevels({ store, clock }),
    pass(seconds: number) {
      now += seconds;
    },
    fail() {
      isDown = true;
    },
  };
}

describe("the level that a client sets", () => {
  it("counts in its process alone where no store is shared, and at once", async () => {
    const clock = () => 1_900_000_000;
    const store = createMemoryGuardStore({ clock });
    const [one, other] = [createLogLevels({ store, clock }), createLogLevels({ store, clock })];
    await one.set("alice", "error");
    expect([one.of("alice"), one.of("bob"), other.of("alice")]).toEqual(["error", undefined, undefined]);
  });

  it("counts at all replicas within five seconds, and is asked for no more often", async () => {
    const { one, other, pass } = newReplicas();
    expect(await other.of("alice")).toBeUndefined();
    await one.set("alice", "error");
    expect(one.of("alice"), "at once where it was set").toBe("error");
    expect(other.of("alice"), "from what it knows").toBeUndefined();
    pass(6);
    expect(await other.of("alice")).toBe("error");
    await one.set("alice", "debug");
    pass(6);
    expect(await other.of("alice")).toBe("debug");
    expect(await other.of("bob")).toBeUndefined();
  });

  it("counts where it was set while Redis does not answer", async () => {
    const { one, other, pass, fail } = newReplicas();
    fail();
    await one.set("alice", "error");
    pass(6);
    expect([await one.of("alice"), await other.of("alice")]).toEqual(["error", undefined]);
  });
});
