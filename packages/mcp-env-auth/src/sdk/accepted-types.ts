/** What the SDK's handler insists on (MCP 2025-11-25, Streamable HTTP, Sending Messages to the Server). */
export const BOTH_TYPES = "application/json, text/event-stream";

/**
 * What a POST to the MCP endpoint may be answered with, by its `Accept` header (RFC 9110 section 12.5.1): `both`: JSON
 * and events, in words that the SDK's handler does not read. `json`: no events. `as stated`: what the SDK's handler
 * makes of it.
 */
export type AcceptedTypes = "both" | "json" | "as stated";

export function acceptedTypes(accept: string | undefined): AcceptedTypes {
  if (!accept) {
    return "both";
  }
  const hasJson = accept.includes("application/json");
  if (hasJson && accept.includes("text/event-stream")) {
    return "as stated";
  }
  const ranges = accept.split(",").map((range) => range.replace(/;.*$/s, "").trim().toLowerCase());
  const takes = (...names: readonly string[]) => names.some((name) => ranges.includes(name));
  const json = takes("*/*", "application/*", "application/json");
  const events = takes("*/*", "text/*", "text/event-stream");
  if (!json) {
    return "as stated";
  }
  return events ? "both" : "json";
}

/** Whether a client takes a stream of events as the answer to its GET. */
export function takesEvents(accept: string | undefined): boolean {
  return !accept || /(?:^|[,\s])(?:text\/event-stream|text\/\*|\*\/\*)(?:$|[\s,;])/i.test(accept);
}
