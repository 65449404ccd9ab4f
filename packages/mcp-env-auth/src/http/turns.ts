import { AsyncResource } from "node:async_hooks";
import type { ServerResponse } from "node:http";

/**
 * Begins work for a response as one of those under way for `key`, at once or when others have ended; never, when the
 * client goes away before. `begin` says whether it has begun: what it refuses takes no turn from the next. What has
 * begun ends with `end`, however its client fares: work goes on for a client that has gone, and is over while one still
 * reads.
 */
export type Turns = (key: string, response: ServerResponse, begin: (end: () => void) => boolean) => void;

interface Line {
  underWay: number;
  /** In the order that they came. */
  readonly waiting: Set<() => void>;
}

/**
 * Lets at most `limit` pieces of work be under way at once for each key. What is kept of a key ends with its last one.
 */
export function createTurns(limit: number): Turns {
  const lines = new Map<string, Line>();

  function advance(key: string, line: Line): void {
    for (const start of line.waiting) {
      if (line.underWay >= limit) {
        return;
      }
      line.waiting.delete(start);
      start();
    }
    if (line.underWay === 0 && lines.get(key) === line) {
      lines.delete(key);
    }
  }

  return (key, response, begin) => {
    // Nothing would tell that it has left the line.
    if (response.destroyed) {
      return;
    }
    const line = lines.get(key) ?? { underWay: 0, waiting: new Set() };
    lines.set(key, line);
    let isUnderWay = false;
    const end = () => {
      if (!isUnderWay) {
        return;
      }
      isUnderWay = false;
      line.underWay -= 1;
      advance(key, line);
    };
    // Begun by the end of another, it still belongs to its own request: to its trace, above all.
    const start = AsyncResource.bind(() => {
      response.off("close", leave);
      line.underWay += 1;
      isUnderWay = true;
      if (begin(end) || !isUnderWay) {
        return;
      }
      isUnderWay = false;
      line.underWay -= 1;
    });
    const leave = () => {
      line.waiting.delete(start);
      advance(key, line);
    };
    response.once("close", leave);
    line.waiting.add(start);
    advance(key, line);
  };
}
