import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createLookUpTurns } from "./look-up-turns.ts";

function setUp({ atOnce = 4, forOne = 2 } = {}) {
  let now = 0;
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const take = createLookUpTurns({ atOnce, forOne, clock: () => now });
  /** A look-up of the network that its name begins with. */
  const start = (name: string) =>
    take(name.slice(0, 1), () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string) => {
    await setImmediate();
    ends.get(name)?.();
    await setImmediate();
  };
  return { start, end, begun, take, advance: (seconds: number) => (now += seconds) };
}

describe("turns of look-ups", () => {
  it("are only so many at once, for one network and in all", async () => {
    const { start, end, begun } = setUp();
    const all = ["a1", "a2", "a3", "b1", "c1", "d1"].map(start);
    await setImmediate();
    expect(begun).toEqual(["a1", "a2", "b1", "c1"]);
    await end("b1");
    expect(begun.slice(4)).toEqual(["d1"]);
    await end("a2");
    expect(begun.slice(5)).toEqual(["a3"]);
    for (const name of ["a1", "a3", "c1", "d1"]) {
      await end(name);
    }
    expect(await Promise.all(all)).toEqual(["a1", "a2", "a3", "b1", "c1", "d1"]);
  });

  it("go from network to network, however many wait in one", async () => {
    const { start, end, begun } = setUp({ atOnce: 1, forOne: 1 });
    void ["a1", "a2", "a3", "a4", "b1", "b2", "c1"].map(start);
    for (const name of ["a1", "b1", "c1", "a2", "b2", "a3"]) {
      await end(name);
    }
    expect(begun).toEqual(["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  });

  it("are given back by those that fail", async () => {
    const { take } = setUp({ atOnce: 1, forOne: 1 });
    for (let count = 0; count < 3; count++) {
      await expect(take("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    }
    expect(await take("a", async () => "yes")).toBe("yes");
  });

  it("are not waited for by more than a hundred of one network, nor a thousand in all", async () => {
    const { start } = setUp({ atOnce: 1, forOne: 1 });
    void start("a0");
    const ofOne = Array.from({ length: 101 }, (_, count) => start(`a${count + 1}`));
    await expect(ofOne.at(-1)).rejects.toMatchObject({ whose: "address", retryAfter: 1 });
    for (const network of "bcdefghij") {
      void Array.from({ length: 100 }, (_, count) => start(`${network}${count}`));
    }
    await expect(start("k")).rejects.toMatchObject({ whose: "server" });
  });

  it("are not taken by those that have waited for more than ten seconds", async () => {
    const { start, end, begun, advance } = setUp({ atOnce: 1, forOne: 1 });
    const first = start("a1");
    await setImmediate();
    const late = Promise.allSettled(["a2", "b1"].map(start));
    advance(11);
    const fresh = start("c1");
    await end("a1");
    await first;
    await end("c1");
    for (const outcome of await late) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { whose: "server" } });
    }
    expect(await fresh).toBe("c1");
    expect(begun).toEqual(["a1", "c1"]);
  });
});
