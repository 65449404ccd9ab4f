import { describe, expect, it } from "vitest";
import { OPEN_RULE, PUBLIC_RULE } from "../authorization/access-rule.ts";
import { OAuthError } from "../errors.ts";
import { createOpenBodyRoom } from "./open-body-room.ts";
import { createStrangers, type StrangersOptions } from "./strangers.ts";

const from = (remoteAddress: string, headers: Record<string, string> = {}) =>
  ({ method: "POST", headers, headersDistinct: {}, socket: { remoteAddress, destroy: () => {} } }) as never;

function strangers(options: Partial<StrangersOptions> = {}) {
  const time = { now: 1000 };
  const made = createStrangers({
    rules: ({ name }) => (name === "open" ? PUBLIC_RULE : OPEN_RULE),
    perMinute: 100,
    trustedProxies: 0,
    room: createOpenBodyRoom(),
    clock: () => time.now,
    ...options,
  });
  return { ...made, time };
}

function refusalOf(action: () => unknown): { status: number; retryAfter: number | undefined } {
  try {
    action();
  } catch (error) {
    const { status, retryAfter } = error as OAuthError;
    expect(error).toBeInstanceOf(OAuthError);
    return { status, retryAfter };
  }
  throw new Error("It was not refused.");
}

describe("Security rule 12: requests without a token", () => {
  it("are counted for each address and minute", () => {
    const { enter, time } = strangers({ perMinute: 3 });
    for (let turn = 0; turn < 3; turn++) {
      enter(from("192.0.2.1")).leave();
    }
    time.now += 20;
    expect(refusalOf(() => enter(from("192.0.2.1")))).toEqual({ status: 429, retryAfter: 40 });
    enter(from("192.0.2.2")).leave();
    time.now += 41;
    enter(from("192.0.2.1")).leave();
  });

  it("are counted for the network that one household has", () => {
    const { enter } = strangers({ perMinute: 1 });
    enter(from("2001:db8:1:200::1")).leave();
    expect(refusalOf(() => enter(from("2001:db8:1:2ff::2"))).status).toBe(429);
    enter(from("2001:db8:1:300::1")).leave();
  });

  it("are counted for the address that a trusted proxy reports", () => {
    const { enter } = strangers({ perMinute: 1, trustedProxies: 1 });
    enter(from("10.0.0.1", { "x-forwarded-for": "192.0.2.1" })).leave();
    enter(from("10.0.0.1", { "x-forwarded-for": "192.0.2.2" })).leave();
    expect(refusalOf(() => enter(from("10.0.0.1", { "x-forwarded-for": "192.0.2.2" }))).status).toBe(429);
  });

  it("are counted by the messages of a batch", () => {
    const { enter, countBatch } = strangers({ perMinute: 5 });
    const request = from("192.0.2.1");
    enter(request).leave();
    countBatch(request, [1, 2, 3, 4]);
    enter(request).leave();
    countBatch(request, {});
    expect(refusalOf(() => enter(request)).status).toBe(429);
    const other = from("192.0.2.2");
    enter(other).leave();
    expect(refusalOf(() => countBatch(other, [1, 2, 3, 4, 5, 6])).status).toBe(429);
    expect(() => countBatch(from("192.0.2.3"), [])).not.toThrow();
  });

  it("have eight bodies of one address read at once, while others go on", () => {
    const { enter } = strangers();
    const places = Array.from({ length: 8 }, () => enter(from("192.0.2.1")));
    expect(refusalOf(() => enter(from("192.0.2.1")))).toEqual({ status: 429, retryAfter: 1 });
    enter(from("192.0.2.2"));
    places[0]?.leave();
    places[0]?.leave();
    enter(from("192.0.2.1"));
    expect(refusalOf(() => enter(from("192.0.2.1"))).status).toBe(429);
  });

  it("give way to another address while they come, also where nothing else is limited", () => {
    const ended: string[] = [];
    const { enter } = strangers({ perMinute: 0, room: createOpenBodyRoom(300_000) });
    const one = (address: string, name: string, length = 60_000) =>
      enter({
        ...(from(address, { "content-length": String(length) }) as object),
        socket: { remoteAddress: address, destroy: () => ended.push(name) },
      } as never);
    one("192.0.2.1", "first").arrived();
    one("192.0.2.1", "second");
    one("192.0.2.2", "third").arrived();
    one("192.0.2.3", "fourth").arrived();
    expect(ended).toEqual([]);
    one("192.0.2.4", "fifth", 50_000);
    expect(ended).toEqual(["second"]);
  });

  it("are refused where the bodies of others, which have come, take all room", () => {
    const { enter } = strangers({ perMinute: 0, room: createOpenBodyRoom(300_000) });
    const places = Array.from({ length: 4 }, (_, index) => enter(from(`192.0.2.${index}`)));
    for (const place of places) {
      place.arrived();
    }
    expect(refusalOf(() => enter(from("198.51.100.1")))).toEqual({ status: 503, retryAfter: 1 });
    places[1]?.leave();
    enter(from("198.51.100.1"));
  });
});

describe("Security rule 9: what a request without a token is", () => {
  it.each([
    [{}, true],
    [{ authorization: [""] }, false],
    [{ authorization: ["Bearer x"] }, false],
    [{ authorization: ["", ""] }, false],
  ])("has no Authorization header at all: %j is one: %s", (headersDistinct, expected) => {
    expect(strangers().isOne({ method: "POST", headersDistinct } as never)).toBe(expected);
  });

  it("is a POST", () => {
    expect(strangers().isOne({ method: "GET", headersDistinct: {} } as never)).toBe(false);
  });

  it("asks for what is public by its rule", () => {
    const call = (name: string) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name } });
    expect([strangers().mayAsk(call("open")), strangers().mayAsk(call("other"))]).toEqual([true, false]);
  });
});
