import { setImmediate as nextTurn } from "node:timers/promises";
import type { ServerEvent } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { createPendingChanges, type PendingChangesOptions } from "./pending-changes.ts";

const change = (uri: string): ServerEvent => ({ kind: "resource_updated", uri });

/** A client that takes what is sent while it reads. */
function client(options: Partial<PendingChangesOptions> = {}) {
  const told: string[] = [];
  const errors: unknown[] = [];
  const overflows: number[] = [];
  let reading = true;
  let resume: (() => void) | undefined;
  const pending = createPendingChanges({
    outlet: {
      isFull: () => !reading,
      async drained() {
        if (!reading) {
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        }
      },
    },
    mayLearn: () => true,
    send: (event) => void told.push(event.kind === "resource_updated" ? event.uri : event.kind),
    onError: (error) => void errors.push(error),
    onOverflow: (limit) => void overflows.push(limit),
    ...options,
  });
  const setReading = (now: boolean) => {
    reading = now;
    resume?.();
  };
  return { pending, told, errors, overflows, setReading };
}

/** More turns of the event loop than what waits could need. */
async function turns(count = 100): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await nextTurn();
  }
}

describe("changes for a client", () => {
  it("that reads are sent at once, each of them", async () => {
    const { pending, told } = client();
    pending.add(change("a:1"));
    expect(told).toEqual(["a:1"]);
    pending.add(change("a:1"));
    expect(told).toEqual(["a:1", "a:1"]);
  });

  it("that does not read are kept once for each resource and each list, and sent when it reads again", async () => {
    const { pending, told, overflows, setReading } = client({ limit: 3 });
    setReading(false);
    for (let count = 0; count < 20_000; count += 1) {
      pending.add(change(`a:${count % 2}`));
      pending.add({ kind: "resources_list_changed" });
    }
    await turns();
    expect(told).toEqual([]);
    setReading(true);
    await turns();
    expect(told).toEqual(["a:0", "resources_list_changed", "a:1"]);
    expect(overflows).toEqual([]);
  });

  it("come a few in a turn of the event loop, however many were made in one", async () => {
    const { pending, told } = client();
    for (let count = 0; count < 500; count += 1) {
      pending.add(change(`a:${count}`));
    }
    expect(told).toHaveLength(16);
    await turns();
    expect(new Set(told).size).toBe(500);
  });

  it("are at most so many: one more ends it, once, and nothing more is sent", async () => {
    const { pending, told, overflows, setReading } = client();
    setReading(false);
    for (let count = 0; count < 1000; count += 1) {
      pending.add(change(`a:${count}`));
    }
    expect(overflows).toEqual([]);
    pending.add(change("a:1000"));
    pending.add(change("a:1001"));
    expect(overflows).toEqual([1000]);
    setReading(true);
    await turns();
    expect(told).toEqual([]);
  });

  it("go nowhere once the client has gone", async () => {
    const { pending, told, setReading } = client();
    setReading(false);
    pending.add(change("a:1"));
    pending.stop();
    pending.add(change("a:2"));
    setReading(true);
    await turns();
    expect(told).toEqual([]);
  });
});

describe("whether the client may learn of a change", () => {
  it("is asked once for all that came while it did not read, when it reads again", async () => {
    const asked: string[] = [];
    let may = true;
    const { pending, told, setReading } = client({
      mayLearn(event) {
        asked.push(event.kind);
        return may;
      },
    });
    setReading(false);
    pending.add(change("a:1"));
    pending.add(change("a:1"));
    expect(asked).toEqual([]);
    may = false;
    setReading(true);
    await turns();
    expect(asked).toEqual(["resource_updated"]);
    expect(told).toEqual([]);
  });

  it("is asked again for a change that comes while it is being decided", async () => {
    const answers: ((may: boolean) => void)[] = [];
    const { pending, told } = client({ mayLearn: () => new Promise<boolean>((resolve) => answers.push(resolve)) });
    for (let count = 0; count < 1000; count += 1) {
      pending.add(change("a:1"));
    }
    expect(answers).toHaveLength(1);
    answers[0]?.(true);
    await turns();
    expect(told).toEqual(["a:1"]);
    expect(answers).toHaveLength(2);
    answers[1]?.(false);
    await turns();
    expect(told).toEqual(["a:1"]);
    expect(answers).toHaveLength(2);
  });

  it("holds up no other resource while it is being decided, or when it never is", async () => {
    const { pending, told } = client({
      mayLearn: (event) =>
        event.kind === "resource_updated" && event.uri === "a:1" ? new Promise<boolean>(() => {}) : true,
    });
    pending.add(change("a:1"));
    pending.add(change("a:1"));
    pending.add(change("a:2"));
    await turns();
    expect(told).toEqual(["a:2"]);
  });

  it.each<[string, () => Promise<boolean>]>([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("broken"))],
  ])("is no when it can't be decided, and the next change is asked about: %s", async (_how, fail) => {
    let broken = true;
    const { pending, told, errors } = client({ mayLearn: () => (broken ? fail() : true) });
    pending.add(change("a:1"));
    await turns();
    expect(told).toEqual([]);
    expect(errors).toHaveLength(1);
    broken = false;
    pending.add(change("a:1"));
    expect(told).toEqual(["a:1"]);
  });

  it("is yes only when the answer is true", async () => {
    const { pending, told } = client({ mayLearn: async () => "yes" as never });
    pending.add(change("a:1"));
    await turns();
    expect(told).toEqual([]);
  });

  it("counts for nothing when the client has gone meanwhile", async () => {
    let answer: ((may: boolean) => void) | undefined;
    const { pending, told } = client({
      mayLearn: () =>
        new Promise<boolean>((resolve) => {
          answer = resolve;
        }),
    });
    pending.add(change("a:1"));
    pending.stop();
    answer?.(true);
    await turns();
    expect(told).toEqual([]);
  });
});
