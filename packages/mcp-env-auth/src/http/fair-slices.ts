/** Milliseconds of work in one turn of the event loop, after which what is left waits for the next. */
const SLICE_MS = 10;

/** How many pieces of work are begun in one turn at most, however short they are. */
const MOST_IN_TURN = 32;

/** What may wait at once, and how much of it of one key, in bytes: a connection from each of thousands of clients. */
const MAX_WAITING = 32 * 1024 * 1024;
const SHARE = MAX_WAITING / 2;

/**
 * Begins `work` now, or in a later turn of the event loop. `false` when it never will: too much waits, by what `size`
 * says of each in bytes.
 */
export type Slices = (key: string, work: () => void, size?: () => number) => boolean;

interface Line {
  readonly works: { readonly work: () => void; readonly size: number }[];
  size: number;
}

/**
 * Divides what comes at once among turns of the event loop. Node.js reads all connections that have sent something in
 * one turn, and a thousand requests in one go would hold up timers, answers and everybody else for as long as they take
 * together. Whose work waits takes turns by `key`, so that nobody waits for all that somebody else has sent.
 *
 * What waits is begun by an immediate of its own: Node.js settles promises between those, so that what the work goes on
 * with counts as well.
 *
 * @param now milliseconds, monotonic.
 */
export function createFairSlices(slice = SLICE_MS, now: () => number = () => performance.now()): Slices {
  const waiting = new Map<string, Line>();
  let waitingSize = 0;
  let endsAt: number | undefined;
  /** Immediates that are to begin what waits. */
  let scheduled = 0;

  function beginSlice(): void {
    endsAt = now() + slice;
    setImmediate(endSlice);
  }

  function endSlice(): void {
    endsAt = undefined;
  }

  function isOver(): boolean {
    return endsAt !== undefined && now() >= endsAt;
  }

  function schedule(): void {
    if (scheduled < MOST_IN_TURN) {
      scheduled += 1;
      setImmediate(advance);
    }
  }

  function advance(): void {
    scheduled -= 1;
    const [first] = waiting;
    if (first === undefined) {
      return;
    }
    if (isOver()) {
      schedule();
      return;
    }
    if (endsAt === undefined) {
      beginSlice();
    }
    const [key, line] = first;
    // Those with more go to the end of the line.
    waiting.delete(key);
    const next = line.works.shift();
    if (line.works.length > 0) {
      waiting.set(key, line);
    }
    line.size -= next?.size ?? 0;
    waitingSize -= next?.size ?? 0;
    if (waiting.size > 0) {
      schedule();
    }
    next?.work();
  }

  function wait(key: string, work: () => void, size: number): boolean {
    const line = waiting.get(key) ?? { works: [], size: 0 };
    if (waitingSize + size > MAX_WAITING || line.size + size > SHARE) {
      return false;
    }
    line.works.push({ work, size });
    line.size += size;
    waitingSize += size;
    waiting.set(key, line);
    schedule();
    return true;
  }

  return (key, work, size = () => 0) => {
    if (waiting.size > 0 || isOver()) {
      return wait(key, work, size());
    }
    if (endsAt === undefined) {
      beginSlice();
    }
    work();
    return true;
  };
}

/** Resolves when the work of `key` that comes next has its turn, as {@link createFairSlices} gives it. */
export type FairTurns = (key: string) => Promise<void>;

/** For work that goes on in promises, of requests that have their room already: none is refused. */
export function createFairTurns(slices: Slices = createFairSlices()): FairTurns {
  return (key) =>
    new Promise((resolve) => {
      slices(key, resolve);
    });
}
