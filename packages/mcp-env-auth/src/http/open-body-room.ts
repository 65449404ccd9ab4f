import { getHeapStatistics } from "node:v8";

/** The part of the heap for bodies that come without a token, and the part of that which one address may have. */
const PART_OF_HEAP = 1 / 16;
const SHARE = 1 / 2;

/** What Node.js needs for a request, apart from its characters. */
export const BYTES_OF_REQUEST = 4096;

/** The room of one body. */
export interface OpenBody {
  /** The body has come, and is so long: it gives way to no other any more. */
  arrived(bytes: number): void;
  leave(): void;
}

/**
 * Gives a body of `address` room for `bytes`, or returns `undefined` when there is none. `giveWay` ends its request, if
 * others need the room before it has come.
 */
export type OpenBodyRoom = (address: string, bytes: number, giveWay: () => void) => OpenBody | undefined;

interface Entry {
  readonly address: string;
  /** Milliseconds, monotonic. */
  readonly since: number;
  readonly giveWay: () => void;
  bytes: number;
}

/**
 * Room for the bodies at endpoints that are open to everybody, until they are answered. Anybody can send one and stop
 * in the middle. So one that has not come gives way: to another address, of the one that waits for the most, and to any
 * once it had its time.
 *
 * @param total bytes: by default a sixteenth of what V8 may use.
 * @param patience milliseconds that a body has to come.
 */
export function createOpenBodyRoom(
  total: number = getHeapStatistics().heap_size_limit * PART_OF_HEAP,
  patience = 1000,
): OpenBodyRoom {
  /** Bodies that have not come, the oldest first. */
  const awaited = new Set<Entry>();
  const takenBy = new Map<string, number>();
  let taken = 0;

  const takenOf = (address: string) => takenBy.get(address) ?? 0;

  function change(entry: Entry, bytes: number): void {
    const own = takenOf(entry.address) + bytes - entry.bytes;
    taken += bytes - entry.bytes;
    entry.bytes = bytes;
    if (own > 0) {
      takenBy.set(entry.address, own);
    } else {
      takenBy.delete(entry.address);
    }
  }

  function leave(entry: Entry): void {
    awaited.delete(entry);
    change(entry, 0);
  }

  /** The oldest body that `address` waits for, or anybody. */
  function oldest(address?: string): Entry | undefined {
    for (const entry of awaited) {
      if (address === undefined || entry.address === address) {
        return entry;
      }
    }
    return undefined;
  }

  function largestAwaited(): { readonly address: string; readonly bytes: number } {
    const sums = new Map<string, number>();
    let largest = { address: "", bytes: 0 };
    for (const { address, bytes } of awaited) {
      const sum = (sums.get(address) ?? 0) + bytes;
      sums.set(address, sum);
      largest = sum > largest.bytes ? { address, bytes: sum } : largest;
    }
    return largest;
  }

  function victimFor(address: string, bytes: number): Entry | undefined {
    const hadTime = (entry: Entry | undefined) =>
      entry !== undefined && performance.now() - entry.since >= patience ? entry : undefined;
    if (takenOf(address) + bytes > total * SHARE) {
      return hadTime(oldest(address));
    }
    const largest = largestAwaited();
    return largest.bytes > takenOf(address) + bytes ? oldest(largest.address) : hadTime(oldest());
  }

  return (address, size, giveWay) => {
    const bytes = size + BYTES_OF_REQUEST;
    while (taken + bytes > total || takenOf(address) + bytes > total * SHARE) {
      const victim = victimFor(address, bytes);
      if (victim === undefined) {
        return undefined;
      }
      leave(victim);
      victim.giveWay();
    }
    const entry: Entry = { address, since: performance.now(), giveWay, bytes: 0 };
    change(entry, bytes);
    awaited.add(entry);
    return {
      arrived(length) {
        if (awaited.delete(entry)) {
          change(entry, length + BYTES_OF_REQUEST);
        }
      },
      leave: () => leave(entry),
    };
  };
}
