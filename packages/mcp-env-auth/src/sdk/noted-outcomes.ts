// A file of its own: what masks errors knows how a call ended, and nothing of the request that it came with.
import type { CallNote } from "../http/call-outcome.ts";

const notes = new WeakMap<AbortSignal, CallNote>();

/** Says how the call that `signal` belongs to will end, where its answer does not. */
export function noteOutcome(signal: AbortSignal | undefined, note: CallNote): void {
  if (signal !== undefined) {
    notes.set(signal, note);
  }
}

export function notedOutcome(signal: AbortSignal): CallNote | undefined {
  return notes.get(signal);
}
