import { readFileSync } from "node:fs";
import { getHeapStatistics } from "node:v8";

/** More than a process of Node.js can serve. To look for one to close takes longer with each. */
const MOST = 10_000;

/** Bytes of the heap that there must be for each. */
const HEAP_OF_ONE = 64 * 1024;

/** The part of the files that everything else may open: code that is loaded late, requests to the provider, Redis. */
const OTHER_FILES = 1 / 8;
const FEWEST_OTHER_FILES = 64;
const FEWEST = 16;

/** How many connections a process may have, and why. */
export interface ConnectionLimit {
  readonly limit: number;
  /** What to change to allow more: a sentence. */
  readonly advice: string;
}

/**
 * Finds out how many connections this process can have. At the limit of open files, the operating system would let
 * nobody in, and nothing else could be opened.
 *
 * @param openFiles how many files it may have open. Default: what Linux says; elsewhere Node.js raises it out of reach.
 * @param heap bytes that V8 may use.
 */
export function findConnectionLimit(
  openFiles: number | undefined = readOpenFiles(),
  heap: number = getHeapStatistics().heap_size_limit,
): ConnectionLimit {
  const files = openFiles ?? Number.POSITIVE_INFINITY;
  const byFiles = Math.max(FEWEST, Math.floor(files - Math.max(FEWEST_OTHER_FILES, files * OTHER_FILES)));
  const byHeap = Math.floor(heap / HEAP_OF_ONE);
  if (byFiles < Math.min(byHeap, MOST)) {
    return { limit: byFiles, advice: `Raise the limit of open files (ulimit -n), which is ${files}.` };
  }
  const more = "To serve more, run several replicas.";
  return byHeap < MOST
    ? { limit: byHeap, advice: `${more} Or give Node.js a larger heap (--max-old-space-size).` }
    : { limit: MOST, advice: more };
}

function readOpenFiles(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
