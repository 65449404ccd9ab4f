import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { Caller } from "./caller.ts";
import { createRequestTurns, type RequestTurnsOptions } from "./request-turns.ts";

const CALL = { jsonrpc: "2.0", id: 1, method: "tools/call" };
const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list" };
const PROTECTED: RequestTurnsOptions = {
  protection: { requiredScopes: [], loginScopes: [], resourceMetadata: undefined },
};

const from = (remoteAddress: string, forwarded?: string) =>
  ({ headers: { "x-forwarded-for": forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;

const callerOf = (subject: string) => ({ token: { subject } }) as Caller;

/** Says whether a request begins at once. */
function start(options: Partial<RequestTurnsOptions>) {
  const take = createRequestTurns({ maxCallsPerUser: 1, protection: undefined, ...options });
  return (request: IncomingMessage, subject?: string, body: unknown = CALL): boolean => {
    const response = Object.assign(new EventEmitter(), { destroyed: false, writableLength: 0 });
    const turn = take(
      request,
      response as unknown as ServerResponse,
      body,
      subject === undefined ? undefined : callerOf(subject),
    );
    if (turn instanceof Promise) {
      turn.catch(() => {});
      response.emit("close");
    }
    return !(turn instanceof Promise);
  };
}

describe("a request takes the turn", () => {
  it("of its user, from wherever it comes", () => {
    const begins = start(PROTECTED);
    expect([begins(from("192.0.2.1"), "alice"), begins(from("192.0.2.2"), "alice")]).toEqual([true, false]);
    expect(begins(from("192.0.2.1"), "bob")).toBe(true);
  });

  it("of a call or a list, or none", () => {
    const begins = start(PROTECTED);
    const ping = { ...CALL, method: "ping" };
    expect([CALL, LIST, ping, ping].map((body) => begins(from("192.0.2.1"), "alice", body))).toEqual(
      Array(4).fill(true),
    );
    expect([CALL, LIST, ping].map((body) => begins(from("192.0.2.1"), "alice", body))).toEqual([false, false, true]);
  });

  it("of its address without a token, as the trusted proxies report it", () => {
    const direct = start({});
    expect(direct(from("192.0.2.1", "203.0.113.1"))).toBe(true);
    expect(direct(from("192.0.2.1", "203.0.113.2"))).toBe(false);
    const proxied = start({ trustedProxies: 1 });
    expect(proxied(from("192.0.2.1", "203.0.113.1"))).toBe(true);
    expect(proxied(from("192.0.2.1", "203.0.113.2"))).toBe(true);
    expect(proxied(from("192.0.2.1", "203.0.113.1"))).toBe(false);
  });

  it("of all strangers together, four times that of a user, where users have tokens", () => {
    const addresses = [1, 2, 3, 4, 5].map((host) => from(`192.0.2.${host}`));
    const begins = start(PROTECTED);
    expect(addresses.map((address) => begins(address))).toEqual([true, true, true, true, false]);
    expect(begins(from("192.0.2.1"), "alice")).toBe(true);
    const open = start({});
    expect(addresses.map((address) => open(address))).toEqual(Array(5).fill(true));
  });

  it("of a user, though their subject is spelled like an address", () => {
    const begins = start(PROTECTED);
    expect([begins(from("192.0.2.1")), begins(from("192.0.2.9"), "from 192.0.2.1")]).toEqual([true, true]);
  });
});
