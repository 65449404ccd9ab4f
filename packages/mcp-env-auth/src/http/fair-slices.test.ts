import { describe, expect, it } from "vitest";
import { createFairSlices, createFairTurns } from "./fair-slices.ts";

/** Work that takes so many milliseconds each, in slices of ten. */
function startSlices() {
  const time = { now: 0 };
  const slices = createFairSlices(10, () => time.now);
  const done: string[] = [];
  const send = (key: string, count: number, takes: number) => {
    for (let index = 0; index < count; index++) {
      slices(key, () => {
        time.now += takes;
        done.push(`${key}${index}`);
      });
    }
  };
  return { send, done, slices };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("work that comes at once", () => {
  it("is begun at once while it takes no longer than a slice, in the order that it came", () => {
    const { send, done } = startSlices();
    send("a", 3, 3);
    send("b", 1, 3);
    expect(done).toEqual(["a0", "a1", "a2", "b0"]);
  });

  it("is divided among turns of the event loop when it takes longer", async () => {
    const { send, done } = startSlices();
    const counts: number[] = [];
    send("a", 12, 3);
    for (; done.length < 12; await turn()) {
      counts.push(done.length);
    }
    expect(counts).toEqual([4, 8]);
    expect(done).toEqual(Array.from({ length: 12 }, (_, index) => `a${index}`));
  });

  it("takes turns by key, so that one who comes late waits for no crowd", async () => {
    const { send, done } = startSlices();
    send("crowd", 1000, 10);
    send("user", 2, 10);
    for (let turns = 0; turns < 4; turns++) {
      await turn();
    }
    expect(done).toEqual(["crowd0", "crowd1", "user0", "crowd2", "user1"]);
  });

  it("begins anew after a quiet time", async () => {
    const { send, done } = startSlices();
    send("a", 5, 10);
    while (done.length < 5) {
      await turn();
    }
    await turn();
    send("b", 1, 10);
    expect(done.at(-1)).toBe("b0");
  });

  it("is refused beyond what may wait of one, and of all together, until some of it was done", async () => {
    const { send, done, slices } = startSlices();
    const megabytes = (count: number) => () => count * 1024 * 1024;
    const begin = (key: string) => slices(key, () => done.push(key), megabytes(8));
    send("first", 1, 10);
    expect(["a", "a", "a", "b", "b", "b", "c"].map(begin)).toEqual([true, true, false, true, true, false, false]);
    while (done.length < 5) {
      await turn();
    }
    send("second", 1, 10);
    expect(["a", "a", "a"].map(begin)).toEqual([true, true, false]);
  });

  it("counts what work goes on with in promises", async () => {
    const time = { now: 0 };
    const slices = createFairSlices(10, () => time.now);
    const fairTurn = createFairTurns(slices);
    const counts: number[] = [];
    let done = 0;
    slices("a", () => {
      time.now += 10;
    });
    const works = Array.from({ length: 4 }, async () => {
      await fairTurn("a");
      await undefined;
      time.now += 10;
      done += 1;
    });
    for (; done < works.length; await turn()) {
      counts.push(done);
    }
    await Promise.all(works);
    expect(counts).toEqual([0, 1, 2, 3]);
  });
});
