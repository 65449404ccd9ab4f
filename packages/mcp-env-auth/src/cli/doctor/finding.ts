/** How a check ended. `unknown`: it could not be decided from here. `skipped`: it does not apply. */
export type FindingStatus = "ok" | "warning" | "failure" | "unknown" | "skipped";

/** What is checked, in this order. */
export type CheckName =
  | "env-file"
  | "variables"
  | "provider"
  | "authorization"
  | "discovery"
  | "keys"
  | "credentials"
  | "callback"
  | "login"
  | "organization"
  | "subject"
  | "audience"
  | "offline-access"
  | "base-url"
  | "metadata"
  | "mcp-endpoint"
  | "clock"
  | "storage";

/** One line of the diagnosis. */
export interface Finding {
  readonly check: CheckName;
  readonly status: FindingStatus;
  /** What was found: a sentence. */
  readonly message: string;
  /** What to do about it, where there is something to do. */
  readonly fix?: string;
}

export const ok = (check: CheckName, message: string): Finding => ({ check, status: "ok", message });
export const skipped = (check: CheckName, message: string): Finding => ({ check, status: "skipped", message });
export const unknown = (check: CheckName, message: string, fix?: string): Finding => ({
  check,
  status: "unknown",
  message,
  ...(fix !== undefined && { fix }),
});
export const warning = (check: CheckName, message: string, fix?: string): Finding => ({
  check,
  status: "warning",
  message,
  ...(fix !== undefined && { fix }),
});
export const failure = (check: CheckName, message: string, fix?: string): Finding => ({
  check,
  status: "failure",
  message,
  ...(fix !== undefined && { fix }),
});
