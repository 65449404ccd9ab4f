import { parseUrl } from "../lib/url.ts";

/** The variables of the OpenTelemetry SDK that say where traces and metrics go. */
export const ENDPOINT_VARIABLES = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
] as const;

/** OpenTelemetry's variables, wherever they are set. */
export function variablesFor(environment: {
  variables(): Iterable<{ readonly name: string; readonly value: string }>;
}): Record<string, string> {
  const named = Array.from(environment.variables(), ({ name, value }) => [name.toUpperCase(), value] as const);
  return Object.fromEntries(named.filter(([name]) => name.startsWith("OTEL_")));
}

/** What the environment asks of OpenTelemetry. */
export interface OtlpSettings {
  /** Whether there is somewhere to send the signal to, and it is wanted. */
  readonly traces: boolean;
  readonly metrics: boolean;
  /** The endpoints, for people: without user information and query. */
  readonly endpoints: readonly string[];
  /** Which variables can't be used, and why. */
  readonly problems: readonly { readonly variable: string; readonly message: string }[];
}

/**
 * Which signals go out, by the OpenTelemetry specification ("OpenTelemetry Protocol Exporter" and "General SDK
 * Configuration"): an endpoint turns them on, `OTEL_SDK_DISABLED=true` off, and `OTEL_TRACES_EXPORTER` and
 * `OTEL_METRICS_EXPORTER` choose. An empty value is no value there.
 */
export function readOtlpSettings(variables: Readonly<Record<string, string>>): OtlpSettings {
  const value = (name: string) => variables[name]?.trim() || undefined;
  if (value("OTEL_SDK_DISABLED")?.toLowerCase() === "true") {
    return OFF;
  }
  const [general, ...own] = ENDPOINT_VARIABLES;
  const set = [general, ...own].filter((name) => value(name) !== undefined);
  // gRPC takes `host:port` as well.
  const overHttp = !(value("OTEL_EXPORTER_OTLP_PROTOCOL") ?? "").startsWith("grpc");
  const problems = set
    .filter((name) => overHttp && !isHttpUrl(value(name) ?? ""))
    .map((variable) => ({ variable, message: "is no http or https URL, such as http://localhost:4318" }));
  if (problems.length > 0) {
    return { ...OFF, problems };
  }
  const wants = (signal: "TRACES" | "METRICS") =>
    set.some((name) => name === general || name.includes(signal)) && value(`OTEL_${signal}_EXPORTER`) !== "none";
  return {
    traces: wants("TRACES"),
    metrics: wants("METRICS"),
    endpoints: set.map((name) => displayEndpoint(value(name) ?? "")),
    problems: [],
  };
}

const OFF: OtlpSettings = { traces: false, metrics: false, endpoints: [], problems: [] };

function isHttpUrl(text: string): boolean {
  return /^https?:$/.test(parseUrl(text)?.protocol ?? "");
}

function displayEndpoint(text: string): string {
  if (!isHttpUrl(text)) {
    return text.replace(/^.*@|\?.*$/g, "");
  }
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}
