import type { ConfigProblem } from "../../errors.ts";

/** How a check ended. `unknown`: it could not be decided from here. `skipped`: it does not apply. */
export type FindingStatus = "ok" | "warning" | "failure" | "unknown" | "skipped";

/** What a check says. */
export interface Observation {
  readonly status: FindingStatus;
  /** What was found: a sentence. */
  readonly message: string;
  /** What to do about it, where there is something to do. */
  readonly fix?: string;
}

/** One line of the diagnosis. */
export interface Finding extends Observation {
  /** The name of the check that it comes from. */
  readonly check: string;
}

export const ok = (message: string): Observation => ({ status: "ok", message });
export const skipped = (message: string): Observation => ({ status: "skipped", message });
export const unknown = (message: string, fix?: string): Observation => observation("unknown", message, fix);
export const warning = (message: string, fix?: string): Observation => observation("warning", message, fix);
export const failure = (message: string, fix?: string): Observation => observation("failure", message, fix);

function observation(status: FindingStatus, message: string, fix: string | undefined): Observation {
  return { status, message, ...(fix !== undefined && { fix }) };
}

/** A warning of a start as `doctor` shows it, with the advice apart. */
export function fromStart({ variable, message }: ConfigProblem): Observation {
  const text = variable === undefined ? message : `${variable} ${message}`;
  const [what = "", ...advice] = text.split(ADVICE);
  return advice.length === 0 ? warning(text) : warning(what, advice.join(" "));
}

/** Where a sentence begins that says what to do. */
const ADVICE = /(?<=[.!]) (?=(?:Check|Correct|If this|Install|Leave|Remove|Set|Share|Unless|With several) )/;
