import type { Registry } from "prom-client";
import { DATABASE_BUCKETS, HTTP_BUCKETS, MCP_BUCKETS } from "./buckets.ts";

export type PrometheusClient = typeof import("prom-client");

type Labels<Names extends string> = Readonly<Record<Names, string>>;

/** What is counted. Durations are in seconds. */
export interface PrometheusRecord {
  request(seconds: number, labels: Labels<"method" | "route" | "status">): void;
  operation(seconds: number, labels: Labels<"method" | "name" | "outcome">): void;
  providerCall(seconds: number, labels: Labels<"method" | "host" | "status">): void;
  storeCommand(seconds: number, labels: Labels<"command" | "outcome">): void;
  event(labels: Labels<"event" | "error">): void;
  refusal(labels: Labels<"route" | "code">): void;
}

/** Gauges of Node.js whose names end in _total, which Prometheus keeps for counters. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** The metrics of a server and of its process, in a registry of their own. */
export function createPrometheusMetrics(client: PrometheusClient): {
  readonly registry: Registry;
  readonly record: PrometheusRecord;
} {
  const registry = new client.Registry();
  client.collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) {
    registry.removeSingleMetric(name);
  }
  const registers = [registry];
  const duration = <N extends string>(name: string, help: string, labelNames: readonly N[], buckets: number[]) => {
    const histogram = new client.Histogram({ name, help, labelNames, buckets, registers });
    return (seconds: number, labels: Labels<N>) => histogram.observe(labels, seconds);
  };
  const count = <N extends string>(name: string, help: string, labelNames: readonly N[]) => {
    const counter = new client.Counter({ name, help, labelNames, registers });
    return (labels: Labels<N>) => counter.inc(labels);
  };
  return {
    registry,
    record: {
      request: duration(
        "http_server_request_duration_seconds",
        "Duration of HTTP requests to this server.",
        ["method", "route", "status"],
        HTTP_BUCKETS,
      ),
      operation: duration(
        "mcp_server_operation_duration_seconds",
        "Duration of MCP requests and notifications.",
        ["method", "name", "outcome"],
        MCP_BUCKETS,
      ),
      providerCall: duration(
        "http_client_request_duration_seconds",
        "Duration of HTTP requests to the identity provider.",
        ["method", "host", "status"],
        HTTP_BUCKETS,
      ),
      storeCommand: duration(
        "redis_command_duration_seconds",
        "Duration of Redis commands.",
        ["command", "outcome"],
        DATABASE_BUCKETS,
      ),
      event: count(
        "mcp_env_auth_events_total",
        "Events of logins, refreshes, revocations and calls, as the log has them.",
        ["event", "error"],
      ),
      refusal: count("mcp_env_auth_refusals_total", "Requests that were refused, by OAuth's error code.", [
        "route",
        "code",
      ]),
    },
  };
}
