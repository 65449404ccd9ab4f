import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import {
  CallAbandoned,
  type CallTurn,
  createCallTurns,
  MAX_STRAYS,
  MAX_WAITING_CALLS,
  TooManyCalls,
} from "./call-turns.ts";

type Fake = ServerResponse & { writableLength: number; leave(): void };

/** As far as turns go, a response is something that closes, and has bytes that nobody read. */
function createResponse(writableLength = 0): Fake {
  const response = Object.assign(new EventEmitter(), { destroyed: false, writableLength });
  return Object.assign(response, {
    leave() {
      response.destroyed = true;
      response.emit("close");
    },
  }) as unknown as Fake;
}

const { signal } = new AbortController();

/** Long enough for all that can begin to have begun. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    await nextTurn();
  }
}

function requests(options: Parameters<typeof createCallTurns>[0]) {
  const turns = createCallTurns(options);
  const begun: string[] = [];
  return {
    turns,
    begun,
    /** A request of one message. */
    ask(user: string, name = user, response = createResponse()) {
      const turn = Promise.resolve(turns.take(user, 1, response)).then((taken) => {
        begun.push(name);
        return taken;
      });
      turn.catch(() => {});
      return { response, turn };
    },
  };
}

/** Work that ends when it is told to. */
function works() {
  let underWay = 0;
  let most = 0;
  const ends: (() => void)[] = [];
  const order: number[] = [];
  return {
    order,
    most: () => most,
    underWay: () => underWay,
    endOne: () => ends.shift()?.(),
    start: (turn: CallTurn, which: number, by = signal) =>
      turn.run(async () => {
        order.push(which);
        underWay += 1;
        most = Math.max(most, underWay);
        await new Promise<void>((resolve) => ends.push(resolve));
        underWay -= 1;
        return which;
      }, by),
  };
}

describe("turns of one user's calls", () => {
  it("are a limited number at once, in order, and no other user waits for them", async () => {
    const { ask, begun } = requests({ limit: 2 });
    const [first] = [ask("alice", "1"), ask("alice", "2"), ask("alice", "3"), ask("alice", "4"), ask("bob")];
    await settled();
    expect(begun).toEqual(["1", "2", "bob"]);
    first?.response.leave();
    await settled();
    expect(begun).toEqual(["1", "2", "bob", "3"]);
  });

  it("let everything pass that waits, and refuse what is more with 429 and Retry-After", async () => {
    const { ask, begun, turns } = requests({ limit: 2 });
    const asked = Array.from({ length: 2 + MAX_WAITING_CALLS }, (_, index) => ask("alice", String(index)));
    const refused = { status: 429, retryAfter: expect.any(Number) };
    expect(() => turns.take("alice", 1, createResponse())).toThrow(expect.objectContaining(refused));
    expect(turns.take("bob", 100, createResponse())).not.toBeInstanceOf(Promise);
    for (const { response, turn } of asked) {
      await turn;
      response.leave();
    }
    expect(begun).toEqual(asked.map((_, index) => String(index)));
    expect(turns.take("alice", 100, createResponse())).not.toBeInstanceOf(Promise);
  });

  it("are refused with 429 to who has waited for too long, and come to the next in line", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { ask, begun } = requests({ limit: 1, patience: 1000 });
      const first = ask("alice", "first");
      const early = ask("alice", "early");
      vi.advanceTimersByTime(600);
      ask("alice", "late");
      vi.advanceTimersByTime(600);
      await expect(early.turn).rejects.toMatchObject({ status: 429, message: expect.stringContaining("1 seconds") });
      first.response.leave();
      await settled();
      expect(begun).toEqual(["first", "late"]);
      // Who has a place is not asked to leave it.
      vi.advanceTimersByTime(5000);
      ask("alice", "last");
      await settled();
      expect(begun).toEqual(["first", "late"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are limited for all together, where that is asked for", async () => {
    const { ask, begun } = requests({ limit: 2, limitInAll: 3 });
    const asked = ["alice", "alice", "bob", "bob", "carol", "alice"].map((user) => ask(user));
    await settled();
    expect(begun).toEqual(["alice", "alice", "bob"]);
    for (const [gone, next] of [
      [0, "alice"],
      [1, "bob"],
      [2, "carol"],
    ] as const) {
      asked[gone]?.response.leave();
      await settled();
      expect(begun.slice(3 + gone)).toEqual([next]);
    }
  });

  it("begin by users in turn, one in each turn of the event loop", async () => {
    const { ask, begun } = requests({ limit: 1 });
    const running = [ask("alice", "held"), ask("bob", "held")];
    const waiting = ["alice", "alice", "alice", "bob"].map((user) => ask(user));
    await settled();
    for (const { response } of running) {
      response.leave();
    }
    for (const { turn, response } of [waiting[0], waiting[3], waiting[1], waiting[2]] as typeof waiting) {
      await turn;
      response.leave();
    }
    expect(begun.slice(2)).toEqual(["alice", "bob", "alice", "alice"]);
  });

  it("come to nobody who asks later than those that wait", async () => {
    const { ask, begun } = requests({ limit: 1 });
    const { response } = ask("alice", "first");
    ask("alice", "second");
    response.leave();
    ask("alice", "third");
    await settled();
    expect(begun).toEqual(["first", "second"]);
  });

  it("are lost by who leaves while waiting, and not kept for who has left", async () => {
    const { ask, begun, turns } = requests({ limit: 1 });
    const first = ask("alice", "first");
    const gone = ask("alice", "gone");
    ask("alice", "last");
    gone.response.leave();
    await expect(gone.turn).rejects.toBeInstanceOf(CallAbandoned);
    await expect(Promise.resolve(turns.take("alice", 1, gone.response))).rejects.toBeInstanceOf(CallAbandoned);
    first.response.leave();
    await settled();
    expect(begun).toEqual(["first", "last"]);
    await turns.take("bob", 1, gone.response);
    ask("bob");
    await settled();
    expect(begun).toEqual(["first", "last", "bob"]);
  });

  it("are refused while too much work goes on whose clients have left, until some of it ends", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { ask } = requests({ limit: MAX_STRAYS, abandoned: 1000 });
      const { start, endOne } = works();
      for (let stray = 0; stray < MAX_STRAYS; stray++) {
        const { response, turn } = ask("alice", "stray");
        void start(await turn, stray);
        response.leave();
      }
      await settled();
      vi.advanceTimersByTime(1000);
      expect(() => ask("alice", "refused")).toThrow(TooManyCalls);
      expect(() => ask("bob", "served")).not.toThrow();
      endOne();
      await settled();
      expect(() => ask("alice", "served")).not.toThrow();
    } finally {
      vi.useRealTimers();
    }
  });

  it("are held until the work ends, when its client has gone, and for a limited time then", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { ask, begun } = requests({ limit: 1, abandoned: 1000 });
      const { start, endOne } = works();
      for (const name of ["first", "second"]) {
        const { response, turn } = ask("alice", name);
        void start(await turn, 0);
        await settled();
        response.leave();
        const next = ask("alice", `after ${name}`);
        await settled();
        expect(begun.at(-1)).toBe(name);
        if (name === "first") {
          endOne();
        } else {
          vi.advanceTimersByTime(1000);
        }
        await settled();
        expect(begun.at(-1)).toBe(`after ${name}`);
        // It would keep what has ended.
        expect(vi.getTimerCount()).toBe(0);
        next.response.leave();
        await settled();
      }
      endOne();
      ask("alice", "one");
      ask("alice", "one too many");
      await settled();
      expect(begun.at(-1)).toBe("one");
    } finally {
      vi.useRealTimers();
    }
  });

  it("wait for answers to be read, except where nothing is under way", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const { ask, begun } = requests({ limit: 5, unread: 1000 });
      const { response } = ask("alice", "unread", createResponse(2000));
      ask("alice", "next");
      ask("bob");
      await settled();
      expect(begun).toEqual(["unread", "bob"]);
      response.writableLength = 1000;
      vi.advanceTimersByTime(1000);
      await settled();
      expect(begun).toEqual(["unread", "bob", "next"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are for each message of a batch, in order, as many as one user may have", async () => {
    const { turns } = requests({ limit: 3 });
    const response = createResponse();
    const turn = await turns.take("alice", 10, response);
    const { start, order, most, underWay, endOne } = works();
    const results = Promise.all(Array.from({ length: 10 }, (_, which) => start(turn, which)));
    await settled();
    expect(underWay()).toBe(3);
    for (let ended = 0; ended < 10; ended++) {
      endOne();
      await settled();
    }
    expect(await results).toEqual([...order]);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(most()).toBe(3);
  });

  it("come to every batch, however many there are", async () => {
    const { turns } = requests({ limit: 2 });
    const { start, most, endOne } = works();
    const batches = [1, 2, 3].map(async () => {
      const response = createResponse();
      const turn = await turns.take("alice", 5, response);
      const results = await Promise.all(Array.from({ length: 5 }, (_, which) => start(turn, which)));
      response.leave();
      return results;
    });
    for (let ended = 0; ended < 15; ended++) {
      await settled();
      endOne();
    }
    expect(await Promise.all(batches)).toEqual(Array(3).fill([0, 1, 2, 3, 4]));
    expect(most()).toBe(2);
  });

  it("are given back by messages that are cancelled while they wait", async () => {
    const { turns, ask, begun } = requests({ limit: 1 });
    const response = createResponse();
    const turn = await turns.take("alice", 3, response);
    const { start, order, endOne } = works();
    const cancel = new AbortController();
    const first = start(turn, 0);
    const cancelled = start(turn, 1, cancel.signal);
    const last = start(turn, 2);
    cancel.abort();
    await expect(cancelled).rejects.toBeInstanceOf(CallAbandoned);
    await expect(start(turn, 3, cancel.signal)).rejects.toBeInstanceOf(CallAbandoned);
    endOne();
    await first;
    await settled();
    endOne();
    await last;
    expect(order).toEqual([0, 2]);
    ask("alice", "next");
    await settled();
    expect(begun).toEqual([]);
    response.leave();
    await settled();
    expect(begun).toEqual(["next"]);
  });
});
