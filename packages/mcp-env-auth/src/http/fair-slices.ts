/** Milliseconds of work in one turn of the event loop, after which what is left waits for the next. */
const SLICE_MS = 10;

/** Begins `work` now, or in a later turn of the event loop. */
export type Slices = (key: string, work: () => void) => void;

/**
 * Divides what comes at once among turns of the event loop. Node.js reads all connections that have sent something in
 * one turn, and a thousand requests in one go would hold up timers, answers and everybody else for as long as they take
 * together. Whose work waits takes turns by `key`, so that nobody waits for all that somebody else has sent.
 *
 * @param now milliseconds, monotonic.
 */
export function createFairSlices(slice = SLICE_MS, now: () => number = () => performance.now()): Slices {
  const waiting = new Map<string, (() => void)[]>();
  let endsAt: number | undefined;

  function begin(): void {
    endsAt = now() + slice;
    setImmediate(resume);
  }

  function resume(): void {
    endsAt = undefined;
    if (waiting.size === 0) {
      return;
    }
    begin();
    for (const [key, works] of waiting) {
      // Those with more go to the end of the line.
      waiting.delete(key);
      const work = works.shift();
      if (works.length > 0) {
        waiting.set(key, works);
      }
      work?.();
      if (isOver()) {
        return;
      }
    }
  }

  function isOver(): boolean {
    return endsAt !== undefined && now() >= endsAt;
  }

  return (key, work) => {
    if (endsAt === undefined) {
      begin();
    } else if (waiting.size > 0 || isOver()) {
      const works = waiting.get(key);
      if (works === undefined) {
        waiting.set(key, [work]);
      } else {
        works.push(work);
      }
      return;
    }
    work();
  };
}
