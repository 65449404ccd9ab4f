import type { Outcome } from "./artifacts.ts";

/** Recorded artifacts that a later change ended, or gave another outcome, on purpose. */
export interface IntendedEnding {
  /** Why, in a sentence that can stand in a changelog. */
  readonly reason: string;
  /** Names of artifacts, as in the recording. */
  readonly artifacts: readonly string[];
  /**
   * What the caller sees in place of the recorded `token`, `caller` and `call`. Whatever comes before, such as the
   * redirects of a login, stays as recorded.
   */
  readonly sees: Outcome;
}

/** All of them. An artifact that is not listed here must work exactly as it did at the recorded commit. */
export const INTENDED_ENDINGS: readonly IntendedEnding[] = [];

/** Parts of an outcome that an ending replaces. */
const LAST_STEPS = ["token", "caller", "call"];

/** What `recorded` turns into by an ending that the caller sees as `sees`. */
export function endedOutcome(recorded: Outcome, sees: Outcome): Outcome {
  const before = Object.entries(recorded).filter(([step]) => !LAST_STEPS.includes(step));
  return { ...Object.fromEntries(before), ...sees };
}
