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
