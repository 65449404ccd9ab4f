import { expect, onTestFinished } from "vitest";
import type { Flood } from "./anonymous.ts";
import type { Target } from "./connections.ts";
import type { ProbedProcess, Reading } from "./probed-process.ts";
import { SUCCESS, startUser, type User } from "./user.ts";

const MEBIBYTE = 1024 * 1024;

/** How many times as long as that of a bare server the loop may stand still. */
const TIMES_BARE = 5;
/** How often the server is flooded at most until it keeps to that. */
const ROUNDS = 3;

/** Milliseconds that are no stall: a collection of garbage, a login. */
const NOISE = 30;

/** Code that was compiled, tokens that were verified, addresses that were counted. */
const HEAP_TOLERANCE = 6 * MEBIBYTE;

/** The bare server, the server and the waiting, on a busy machine. */
export const DRILL_TIMEOUT = 150_000;

/** A server process, and where clients find it. */
export interface Site {
  readonly process: ProbedProcess;
  /** The port that clients connect to: the server's own, or that of a proxy in front of it. */
  readonly port: number;
}

/** Floods a server while a user uses it. */
export interface Drill {
  /**
   * Asserts that the user notices nothing, that nothing of the flood is kept, and that the loop never stands still for
   * long.
   */
  withstand(flood: Flood, addresses: number): Promise<void>;
  close(): Promise<void>;
}

export interface DrillOptions {
  /** The yardstick, reached in the same way. */
  readonly bare: Site;
  /** Starts the server: one for all floods, and another after one that it did not withstand. */
  startServer(): Promise<Site>;
  /** Who uses it meanwhile, and what all requests of theirs come to. Default: somebody who logs in. */
  readonly use?: Use;
}

/** How a server is used. */
export interface Use {
  start(origin: string, address: string): User;
  readonly success: ReadonlySet<string>;
}

const BY_LOGIN: Use = { start: startUser, success: SUCCESS };

let users = 0;

/** Each user has an address of its own, whose rate limit is untouched. */
const nextUser = () => `127.0.2.${1 + users++}`;

export function attack(port: number, addresses: number): Target {
  let next = 0;
  return { port, nextAddress: () => `127.0.1.${1 + (next++ % addresses)}` };
}

const originOf = ({ port }: Site) => `http://127.0.0.1:${port}`;

/** A user uses it once: all that is compiled or cached for that is there then. */
export async function used(site: Site, { start, success }: Use = BY_LOGIN): Promise<Site> {
  expect(new Set(await start(originOf(site), nextUser()).stop())).toEqual(success);
  return site;
}

export function createDrill({ bare, startServer, use = BY_LOGIN }: DrillOptions): Drill {
  let site: Site | undefined;

  /** Floods the server, and returns for how many milliseconds its loop stood still. */
  async function stallOf(flood: Flood, addresses: number): Promise<number> {
    site ??= await used(await startServer(), use);
    const current = site;
    site = undefined;
    onTestFinished(async () => {
      if (site !== current) {
        await current.process.process.kill();
      }
    });
    const before = await current.process.read();
    const user = use.start(originOf(current), nextUser());
    await flood(attack(current.port, addresses));
    const outcomes = await user.stop();
    const { stall } = await current.process.read();
    const after = await settled(current.process, before);

    expect(new Set(outcomes), "what the user's requests came to").toEqual(use.success);
    expect(after.responses, "responses that are still held").toBeLessThanOrEqual(before.responses);
    expect((after.heap - before.heap) / MEBIBYTE, "MiB that are still held").toBeLessThan(HEAP_TOLERANCE / MEBIBYTE);
    site = current;
    return stall;
  }

  return {
    async withstand(flood, addresses) {
      await bare.process.read();
      await flood(attack(bare.port, addresses));
      const bound = TIMES_BARE * Math.max((await bare.process.read()).stall, NOISE);
      let stall = Number.POSITIVE_INFINITY;
      // What else the machine does can hold it up.
      for (let round = 0; round < ROUNDS && stall >= bound; round++) {
        stall = await stallOf(flood, addresses);
      }
      expect(stall, "ms that the loop stood still").toBeLessThan(bound);
    },
    async close() {
      await site?.process.process.kill();
      await bare.process.process.kill();
    },
  };
}

/** Reads until all that a flood has left is gone, or for a minute. */
async function settled(server: ProbedProcess, before: Reading): Promise<Reading> {
  const end = Date.now() + 60_000;
  for (;;) {
    const now = await server.read();
    const isBack = now.responses <= before.responses && now.heap <= before.heap + HEAP_TOLERANCE;
    if (isBack || Date.now() > end) {
      return now;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
