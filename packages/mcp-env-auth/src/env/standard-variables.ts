import type { ConfigProblem } from "../errors.ts";
import { parseUrl, percentDecoded } from "../lib/url.ts";
import { REDACTED } from "./credential-patterns.ts";
import type { Environment } from "./environment.ts";
import { describeReference } from "./references.ts";
import { withoutInvisibleEnds } from "./value-ends.ts";
import type { VariableOrigin } from "./variable-origin.ts";

/** A variable that is not ours, and means here what it means elsewhere. */
export interface StandardVariable {
  readonly name: string;
  readonly description: string;
  readonly example: string;
  /** What of a value must never be shown; by default nothing. */
  secretsIn?(value: string): readonly string[];
}

/** Where traces and metrics go; OpenTelemetry's own names. */
export const telemetryVariables: readonly StandardVariable[] = [
  {
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    description:
      "The OpenTelemetry collector that traces and metrics are sent to; without one, nothing is loaded or recorded",
    example: "http://localhost:4318",
    secretsIn: urlPassword,
  },
  {
    name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    description: "The URL for traces, where it is another; alone, it turns on traces and not metrics",
    example: "https://otel.example.com/v1/traces",
    secretsIn: urlPassword,
  },
  {
    name: "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    description: "The URL for metrics, where it is another; alone, it turns on metrics and not traces",
    example: "https://otel.example.com/v1/metrics",
    secretsIn: urlPassword,
  },
  {
    name: "OTEL_EXPORTER_OTLP_HEADERS",
    description:
      "Headers for the collector, such as its key; also for one signal, as ..._TRACES_HEADERS and ..._METRICS_HEADERS",
    example: "x-api-key=...",
    secretsIn: headerValues,
  },
  {
    name: "OTEL_EXPORTER_OTLP_PROTOCOL",
    description: "http/protobuf (the default), http/json or grpc",
    example: "http/protobuf",
  },
  {
    name: "OTEL_SERVICE_NAME",
    description: "The server's name in traces and metrics; by default the one given to createServer",
    example: "weather",
  },
  { name: "OTEL_SDK_DISABLED", description: "true turns all of it off", example: "true" },
];

const SECRET_HEADERS = ["OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS"];

/** How requests to the identity provider leave this machine. */
export const outgoingVariables: readonly StandardVariable[] = [
  {
    name: "HTTPS_PROXY",
    description:
      "The proxy for requests to the identity provider, and to hosts that ..._CLIENT_ID_METADATA_HOSTS lists by name; never for this machine",
    example: "http://proxy.example.com:3128",
    secretsIn: urlPassword,
  },
  {
    name: "HTTP_PROXY",
    description: "The same for addresses with http://",
    example: "http://proxy.example.com:3128",
    secretsIn: urlPassword,
  },
  {
    name: "NO_PROXY",
    description:
      "What is reached directly all the same: names with their subdomains, host:port, addresses, CIDR ranges, or *",
    example: "login.example.com,10.0.0.0/8",
  },
  {
    name: "NODE_EXTRA_CA_CERTS",
    description:
      "A PEM file with the certificate authorities of an identity provider, or of a proxy, that is not publicly trusted. It also applies to clients' documents",
    example: "/etc/ssl/company-ca.pem",
  },
];

/** All of them. */
export const standardVariables: readonly StandardVariable[] = [...outgoingVariables, ...telemetryVariables];

/** Those that are set, with values fit to be shown. */
export function standardOrigins(environment: Environment): VariableOrigin[] {
  return standardVariables.flatMap(({ name, secretsIn }) => {
    const set = environment.get(name);
    if (set === undefined) {
      return [];
    }
    const secrets = secretsIn?.(withoutInvisibleEnds(set.value)) ?? [];
    const value = secrets.reduce((text, secret) => text.replaceAll(secret, REDACTED), set.value);
    return [{ variable: name, source: set.source, value }];
  });
}

/** What is odd about references in them. */
export function standardWarnings(environment: Environment): ConfigProblem[] {
  return standardVariables.flatMap(({ name }) => {
    const set = environment.get(name);
    const message = set && describeReference(set);
    return message === undefined ? [] : [{ variable: name, message }];
  });
}

/** Every secret that stands in a variable that is not ours. */
export function standardSecrets(environment: Environment): string[] {
  const holders = [...standardVariables, ...SECRET_HEADERS.map((name) => ({ name, secretsIn: headerValues }))];
  return holders.flatMap(({ name, secretsIn }) => {
    const set = environment.get(name);
    return set === undefined ? [] : [...(secretsIn?.(withoutInvisibleEnds(set.value)) ?? [])];
  });
}

/** The user information of a URL: the password, or all of it when it is one key. */
function urlPassword(value: string): readonly string[] {
  const text = value.includes("://") ? value : `http://${value}`;
  const { username, password } = parseUrl(text) ?? userInformation(text);
  return (password === "" ? [username] : [password])
    .filter(Boolean)
    .flatMap((part) => [part, percentDecoded(part) ?? part]);
}

/** Of what is no URL, but may be meant as one: its password is none the less a secret. */
function userInformation(text: string): { readonly username: string; readonly password: string } {
  const [, username = "", password = ""] = /^[^/]*\/\/([^:]*?)(?::(.*))?@/s.exec(text) ?? [];
  return { username, password };
}

/** The values of `name=value,name=value` (W3C Baggage section 3.3.1), and what follows a scheme in them. */
function headerValues(value: string): readonly string[] {
  return value.split(",").flatMap((pair) => {
    const header = pair.slice(pair.indexOf("=") + 1).trim();
    return [header, ...header.split(/\s|%20/).slice(1)].filter(Boolean);
  });
}
