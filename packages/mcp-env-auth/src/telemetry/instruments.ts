import type { Attributes, Meter } from "@opentelemetry/api";
import { DATABASE_BUCKETS, HTTP_BUCKETS, MCP_BUCKETS } from "./buckets.ts";

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
