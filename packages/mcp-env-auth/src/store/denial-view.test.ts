import { describe, expect, it } from "vitest";
import { createDenialView } from "./denial-view.ts";
import { type GuardClass, GuardStoreUnavailable } from "./guard-store.ts";

type Entry = readonly [GuardClass, string];

const TOKEN: Entry = ["deny-token", "t"];
const FAMILY: Entry = ["deny-family", "f"];

/** A shared store of denials, with a switch to take it down and a record of what it was asked. */
function setUp() {
  const shared = { now: 1000, down: false, denials: new Set<string>(), asked: [] as (readonly Entry[])[] };
  const view = createDenialView({
    clock: () => shared.now,
    lookUp: async (entries) => {
      shared.asked.push(entries);
      if (shared.down) {
        throw new GuardStoreUnavailable("down");
      }
      return entries.map(([, id]) => shared.denials.has(id));
    },
  });
  return { shared, view };
}

describe("createDenialView", () => {
  it("asks about all entries at once, and about each no more than once in two seconds", async () => {
    const { shared, view } = setUp();
    await view.denied([TOKEN, FAMILY]);
    shared.now += 1.9;
    await view.denied([TOKEN, FAMILY]);
    expect(shared.asked).toEqual([[TOKEN, FAMILY]]);
    await view.denied([TOKEN, ["deny-client", "c"]]);
    expect(shared.asked.slice(1)).toEqual([[["deny-client", "c"]]]);
    shared.now += 0.1;
    await view.denied([FAMILY]);

    expect(shared.asked.slice(2)).toEqual([[FAMILY]]);
  });

  it("sees a denial made elsewhere after two seconds at most, and its end too", async () => {
    const { shared, view } = setUp();
    expect(await view.denied([FAMILY])).toBeUndefined();
    shared.denials.add("f");
    shared.now += 2;
    expect(await view.denied([TOKEN, FAMILY])).toBe("deny-family");
    expect(await view.denied([TOKEN, FAMILY])).toBe("deny-family");
    shared.denials.clear();
    shared.now += 2;

    expect(await view.denied([TOKEN, FAMILY])).toBeUndefined();
  });

  it("counts a denial of its own at once, without asking, until it ends", async () => {
    const { shared, view } = setUp();
    await view.denied([TOKEN]);
    view.add(...TOKEN, shared.now + 10);
    view.add(...TOKEN, shared.now + 5);
    shared.asked.length = 0;
    shared.now += 9;
    expect(await view.denied([TOKEN])).toBe("deny-token");
    expect(shared.asked).toEqual([]);
    shared.now += 1;

    expect(await view.denied([TOKEN])).toBeUndefined();
  });

  it("answers from what it knew while the shared store is down: denials count, the rest passes", async () => {
    const { shared, view } = setUp();
    shared.denials.add("f");
    await view.denied([TOKEN]);
    await view.denied([FAMILY]);
    shared.down = true;
    shared.now += 3600;

    expect(await view.denied([TOKEN, FAMILY])).toBe("deny-family");
    expect(await view.denied([TOKEN, ["deny-client", "never asked about"]])).toBeUndefined();
  });

  it("does not count a denial during an outage that it saw lifted", async () => {
    const { shared, view } = setUp();
    shared.denials.add("f");
    await view.denied([FAMILY]);
    shared.denials.clear();
    shared.now += 2;
    await view.denied([FAMILY]);
    shared.down = true;
    shared.now += 2;

    expect(await view.denied([FAMILY])).toBeUndefined();
  });

  it("asks again as soon as the shared store is back", async () => {
    const { shared, view } = setUp();
    shared.down = true;
    expect(await view.denied([FAMILY])).toBeUndefined();
    shared.down = false;
    shared.denials.add("f");

    expect(await view.denied([FAMILY])).toBe("deny-family");
  });

  it("passes on an error that is no outage", async () => {
    const view = createDenialView({
      clock: () => 0,
      lookUp: async () => {
        throw new TypeError("a mistake");
      },
    });

    await expect(view.denied([TOKEN])).rejects.toThrow(TypeError);
  });
});
