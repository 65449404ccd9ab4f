// A copy of packages/mcp-env-auth/src/lib/nearest.ts, which `node scripts/generate-docs.mjs` writes.

/**
 * The candidate most like `text`, whatever the case: at most a quarter of its letters, and never more than four, are to
 * be changed, added, dropped or swapped. `undefined` when none is.
 */
export function nearest(text: string, candidates: Iterable<string>): string | undefined {
  const wanted = text.toUpperCase();
  let best: string | undefined;
  let bound = Math.min(4, Math.max(1, Math.floor(text.length / 4))) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toUpperCase(), bound);
    if (distance < bound) {
      best = candidate;
      bound = distance;
    }
  }
  return best;
}

/**
 * How many single characters are to be changed, added or dropped, or neighbours swapped, to make one string of the
 * other (the optimal string alignment distance); `bound` when that is no less.
 */
export function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) >= bound) {
    return bound;
  }
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : bound,
      );
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(bound, at(last, b.length));
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
