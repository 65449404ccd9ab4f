import { AsyncResource } from "node:async_hooks";
import type { ServerResponse } from "node:http";

/**
 * Begins work for a response as one of those under way for `key`, at once or when others have ended; never, when the
 * client goes away before. `begin` says whether it has begun: what it refuses takes no turn from the next.
 */
export type Turns = (key: string, response: ServerResponse, begin: () => boolean) => void;

interface Line {
  underWay: number;
  /** In the order that they came. */
  readonly waiting: Set<() => void>;
}

/** Lets at most `limit` responses be under way at once for each key. What is kept of a key ends with its last response. */
export function createTurns(limit: number): Turns {
  const lines = new Map<string, Line>();

  function advance(key: string, line: Line): void {
    for (const start of line.waiting) {
      if (line.underWay >= limit) return;
      line.waiting.delete(start);
      start();
    }
    // One that was refused closes later, when there may be another line.
    if (line.underWay === 0 && lines.get(key) === line) lines.delete(key);
  }

  return (key, response, begin) => {
    // Nothing would tell that it has ended.
    if (response.destroyed) return;
    const line = lines.get(key) ?? { underWay: 0, waiting: new Set() };
    lines.set(key, line);
    let turn = false;
    // Begun by the end of another request, it still belongs to its own: to its trace, above all.
    const start = AsyncResource.bind(() => {
      line.underWay += 1;
      turn = begin();
      if (!turn) line.underWay -= 1;
    });
    response.once("close", () => {
      line.waiting.delete(start);
      if (turn) line.underWay -= 1;
      advance(key, line);
    });
    line.waiting.add(start);
    advance(key, line);
  };
}
