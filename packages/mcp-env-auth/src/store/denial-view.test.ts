import { describe, expect, it } from "vitest";
import { createDenialView } from "./denial-view.ts";
import { DENIAL_OF_ALL, denialUntil } from "./guard-entry.ts";
import { type DenialQuery, type GuardClass, GuardStoreUnavailable } from "./guard-store.ts";

type Entry = readonly [kind: GuardClass, id: string];

const TOKEN: Entry = ["deny-token", "t"];
const FAMILY: Entry = ["deny-family", "f"];

/** A shared store of denials, with a switch to take it down and a record of what it was asked. */
function setUp() {
  const shared = {
    now: 1000,
    down: false,
    denials: new Map<string, string>(),
    asked: [] as (readonly DenialQuery[])[],
  };
  const view = createDenialView({
    clock: () => shared.now,
    lookUp: async (entries) => {
      shared.asked.push(entries);
      if (shared.down) {
        throw new GuardStoreUnavailable("down");
      }
      return entries.map(([, id]) => shared.denials.get(id));
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
    shared.denials.set("f", DENIAL_OF_ALL);
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
    view.add(...TOKEN, DENIAL_OF_ALL, shared.now + 10);
    view.add(...TOKEN, DENIAL_OF_ALL, shared.now + 5);
    shared.asked.length = 0;
    shared.now += 9;
    expect(await view.denied([TOKEN])).toBe("deny-token");
    expect(shared.asked).toEqual([]);
    shared.now += 1;

    expect(await view.denied([TOKEN])).toBeUndefined();
  });

  it("answers from what it knew while the shared store is down: denials count, the rest passes", async () => {
    const { shared, view } = setUp();
    shared.denials.set("f", DENIAL_OF_ALL);
    await view.denied([TOKEN]);
    await view.denied([FAMILY]);
    shared.down = true;
    shared.now += 3600;

    expect(await view.denied([TOKEN, FAMILY])).toBe("deny-family");
    expect(await view.denied([TOKEN, ["deny-client", "never asked about"]])).toBeUndefined();
  });

  it("does not count a denial during an outage that it saw lifted", async () => {
    const { shared, view } = setUp();
    shared.denials.set("f", DENIAL_OF_ALL);
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
    shared.denials.set("f", DENIAL_OF_ALL);

    expect(await view.denied([FAMILY])).toBe("deny-family");
  });

  it.each(["shared", "own", "seen before an outage"])(
    "lets pass what began after a denial of all that was there before (%s)",
    async (whose) => {
      const { shared, view } = setUp();
      const denial = denialUntil(shared.now);
      if (whose === "own") {
        view.add(...FAMILY, denial, shared.now + 100);
      } else {
        shared.denials.set("f", denial);
      }
      if (whose === "seen before an outage") {
        await view.denied([FAMILY]);
        shared.down = true;
        shared.now += 2;
      }
      for (const _again of [1, 2]) {
        expect(await view.denied([[...FAMILY, 1000]])).toBe("deny-family");
        expect(await view.denied([[...FAMILY, 1000.5]])).toBeUndefined();
        expect(await view.denied([FAMILY])).toBeUndefined();
      }
    },
  );

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
