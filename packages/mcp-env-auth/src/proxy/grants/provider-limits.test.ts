import { describe, expect, it } from "vitest";
import { createCountedLines } from "../../counted-lines.ts";
import type { RefreshGrant } from "../tokens/sealed-tokens.ts";
import { createProviderLimits } from "./provider-limits.ts";

function start(rateLimit: number | undefined) {
  let now = 1_000_000;
  const events: object[] = [];
  const keep = (fields: object) => void events.push(fields);
  const lines = createCountedLines({ debug() {}, info: keep, warn: keep, error: keep });
  const limits = createProviderLimits({ rateLimit, clock: () => now, lines });
  const taken = (take: () => void, times: number): number => {
    for (let count = 0; count < times; count++) {
      try {
        take();
      } catch (error) {
        expect(error).toMatchObject({ code: "temporarily_unavailable", status: 429 });
        return count;
      }
    }
    return times;
  };
  return {
    limits,
    events,
    pass: (seconds: number) => {
      now += seconds;
    },
    /** How many refreshes are let through of so many. */
    refreshes: (user: string, session: string, times: number) =>
      taken(
        () =>
          limits.takeRefresh({ family: session, subjectHash: user, clientHash: "client" } as unknown as RefreshGrant),
        times,
      ),
    machineTokens: (machine: string, times: number) =>
      taken(() => {
        limits.checkMachine(machine);
        limits.countMachine(machine);
      }, times),
  };
}

describe("Security rule 22: what one user may have the provider asked", () => {
  it("is 60 refreshes a minute of a session, and 240 of a user", () => {
    const { refreshes, pass } = start(5);
    for (const session of ["one", "two", "three", "four"]) {
      expect(refreshes("alice", session, 99)).toBe(60);
    }
    expect(refreshes("alice", "five", 1)).toBe(0);
    expect(refreshes("bob", "six", 60)).toBe(60);
    pass(60);
    expect(refreshes("alice", "five", 99)).toBe(60);
  });

  it("says when to come again, and logs a line that names the session", () => {
    const { limits, refreshes, pass, events } = start(120);
    refreshes("alice", "one", 60);
    pass(20);
    const again = () => limits.takeRefresh({ family: "one", subjectHash: "alice", clientHash: "c" } as RefreshGrant);
    expect(again).toThrow(expect.objectContaining({ retryAfter: 40 }));
    expect(again).toThrow();
    expect(events).toEqual([{ event: "token-requests-limited", login: "one", client: "c" }]);
  });

  it("follows FASTMCP_RATE_LIMIT where that is more, or none", () => {
    expect(start(401).refreshes("alice", "one", 999)).toBe(101);
    for (const none of [0, undefined]) {
      const { refreshes, machineTokens } = start(none);
      expect([refreshes("alice", "one", 500), machineTokens("robot", 5000)]).toEqual([500, 5000]);
    }
  });

  it("is ten times as much for a machine, and is not used up by who knows its id alone", () => {
    const { limits, machineTokens, events } = start(120);
    for (let guess = 0; guess < 5000; guess++) {
      limits.checkMachine("robot");
    }
    expect([machineTokens("robot", 5000), machineTokens("other", 5)]).toEqual([2400, 5]);
    expect(events).toEqual([{ event: "token-requests-limited", client: expect.any(String), machine: "robot" }]);
  });
});
