import type { Clock } from "../lib/clock.ts";

/** How many may wait for their turn: of one network, and in all. */
const MAX_WAITING_OF_ONE = 100;
const MAX_WAITING = 1000;

/** Seconds after which nobody waits any more for the answer. */
const PATIENCE = 10;

/** Seconds after which a turn may be free. */
const RETRY_AFTER = 1;

/**
 * The provider was not asked about a token, because too much was asked for: by one `address`, or at this `server` in
 * all.
 */
export class TooManyLookUps extends Error {
  override readonly name = "TooManyLookUps";
  readonly whose: "address" | "server";
  /** Seconds. */
  readonly retryAfter: number;

  constructor(whose: TooManyLookUps["whose"], retryAfter: number) {
    super("The identity provider is asked about too many tokens.");
    this.whose = whose;
    this.retryAfter = retryAfter;
  }
}

export interface LookUpTurnsOptions {
  /** How many look-ups may be under way in all. */
  readonly atOnce: number;
  /** How many of them may be for one network. */
  readonly forOne: number;
  readonly clock: Clock;
}

/**
 * Runs a look-up for a client of `network` when it is its turn.
 *
 * @throws TooManyLookUps when too many wait already, or it has waited for too long.
 */
export type LookUpTurns = <T>(network: string, lookUp: () => Promise<T>) => Promise<T>;

interface Line {
  underWay: number;
  readonly waiting: (() => void)[];
}

/** Lets networks take turns, so that none waits for more than one look-up of each other. */
export function createLookUpTurns({ atOnce, forOne, clock }: LookUpTurnsOptions): LookUpTurns {
  let underWay = 0;
  let waiting = 0;
  /** Those with something under way or waiting. Whoever had a turn goes to the end. */
  const lines = new Map<string, Line>();

  function advance(): void {
    while (underWay < atOnce) {
      const line = next();
      const begin = line?.waiting.shift();
      if (line === undefined || begin === undefined) {
        return;
      }
      line.underWay += 1;
      underWay += 1;
      waiting -= 1;
      begin();
    }
  }

  function next(): Line | undefined {
    for (const line of lines.values()) {
      if (line.waiting.length > 0 && line.underWay < forOne) {
        return line;
      }
    }
    return undefined;
  }

  function turnOf(line: Line): Promise<void> {
    return new Promise((resolve) => {
      line.waiting.push(resolve);
      waiting += 1;
      advance();
    });
  }

  return async (network, lookUp) => {
    const line = lines.get(network) ?? { underWay: 0, waiting: [] };
    if (line.waiting.length >= MAX_WAITING_OF_ONE || waiting >= MAX_WAITING) {
      throw new TooManyLookUps(waiting >= MAX_WAITING ? "server" : "address", RETRY_AFTER);
    }
    lines.set(network, line);
    const came = clock();
    await turnOf(line);
    try {
      if (clock() - came > PATIENCE) {
        throw new TooManyLookUps("server", RETRY_AFTER);
      }
      return await lookUp();
    } finally {
      line.underWay -= 1;
      underWay -= 1;
      lines.delete(network);
      if (line.underWay > 0 || line.waiting.length > 0) {
        lines.set(network, line);
      }
      advance();
    }
  };
}
