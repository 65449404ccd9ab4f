import type { Attributes, Meter } from "@opentelemetry/api";

/** Seconds, as the conventions for HTTP have them. */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const DATABASE_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const MCP_BUCKETS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** What is measured. Durations are in seconds; attributes have few values each. */
export interface Instruments {
  request(seconds: number, attributes: Attributes): void;
  operation(seconds: number, attributes: Attributes): void;
  providerCall(seconds: number, attributes: Attributes): void;
  storeCommand(seconds: number, attributes: Attributes): void;
  event(attributes: Attributes): void;
  refusal(attributes: Attributes): void;
}

/** The metrics of a server, by the names of the OpenTelemetry conventions where those have one. */
export function createInstruments(meter: Meter): Instruments {
  const duration = (name: string, description: string, buckets: number[]) => {
    const histogram = meter.createHistogram(name, {
      description,
      unit: "s",
      advice: { explicitBucketBoundaries: buckets },
    });
    return (seconds: number, attributes: Attributes) => histogram.record(seconds, attributes);
  };
  const count = (name: string, description: string, unit: string) => {
    const counter = meter.createCounter(name, { description, unit });
    return (attributes: Attributes) => counter.add(1, attributes);
  };
  return {
    request: duration("http.server.request.duration", "Duration of HTTP server requests.", HTTP_BUCKETS),
    operation: duration("mcp.server.operation.duration", "Duration of MCP requests and notifications.", MCP_BUCKETS),
    providerCall: duration(
      "http.client.request.duration",
      "Duration of HTTP requests to the identity provider.",
      HTTP_BUCKETS,
    ),
    storeCommand: duration("db.client.operation.duration", "Duration of Redis commands.", DATABASE_BUCKETS),
    event: count("mcp_env_auth.events", "What happened in logins, refreshes and revocations.", "{event}"),
    refusal: count("mcp_env_auth.refusals", "Requests that were refused, by OAuth's error code.", "{request}"),
  };
}
