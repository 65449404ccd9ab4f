import type { ConfigProblem } from "../errors.ts";
import type { OpenTelemetryApi } from "./open-telemetry.ts";
import { type OtlpSettings, readOtlpSettings } from "./otlp-settings.ts";

/** OpenTelemetry's packages, as far as they are installed. */
export interface OpenTelemetryPackages {
  readonly api: OpenTelemetryApi | undefined;
  readonly node: typeof import("@opentelemetry/sdk-node") | undefined;
}

export interface TelemetryCheck {
  readonly settings: OtlpSettings;
  /** Why nothing is traced or counted although an endpoint is set: what the start and `doctor` say. */
  readonly warnings: readonly ConfigProblem[];
}

/** Whether what the environment asks of OpenTelemetry can be done. Loads its packages where they are needed. */
export async function checkTelemetry(variables: Readonly<Record<string, string>>): Promise<TelemetryCheck> {
  const settings = readOtlpSettings(variables);
  const problems = describeProblems(settings);
  if (problems.length > 0 || !(settings.traces || settings.metrics)) {
    return { settings, warnings: problems };
  }
  const { node } = await loadOpenTelemetry();
  return { settings, warnings: node === undefined ? [missingPackages()] : [] };
}

/** The variables that can't be used. */
export function describeProblems({ problems }: OtlpSettings): readonly ConfigProblem[] {
  return problems.map(({ variable, message }) => ({ variable, message: `${message}. Nothing is traced or counted.` }));
}

/** `node` is there only where `api` is. */
export async function loadOpenTelemetry(): Promise<OpenTelemetryPackages> {
  const api = await loadApi();
  return { api, node: api && (await loadNodeSdk()) };
}

// Each import is in a `try` of its own, where bundlers let a package be missing.

/** The API alone, which an SDK that the process has registered comes with. */
export async function loadApi(): Promise<OpenTelemetryApi | undefined> {
  try {
    return await import("@opentelemetry/api");
  } catch (error) {
    return unlessMissing(error);
  }
}

async function loadNodeSdk(): Promise<OpenTelemetryPackages["node"]> {
  try {
    return await import("@opentelemetry/sdk-node");
  } catch (error) {
    return unlessMissing(error);
  }
}

/** The library that counts for Prometheus. CommonJS, so a bundle may have it as its default export alone. */
export async function loadPrometheusClient(): Promise<typeof import("prom-client") | undefined> {
  try {
    const client = await import("prom-client");
    return client.default ?? client;
  } catch (error) {
    return unlessMissing(error);
  }
}

/** Why there are no metrics for Prometheus. */
export function missingPrometheusClient(): ConfigProblem {
  return {
    variable: "FASTMCP_METRICS_PORT",
    message: "is set, and the package prom-client is not installed. Install it: npm install prom-client.",
  };
}

/** The codes are Node's for `import` and `require`; what bundlers write throws one of them. */
function unlessMissing(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") {
    throw error;
  }
}

/** OpenTelemetry's newest line leaves out versions of Node that are supported here. */
export function missingPackages(): ConfigProblem {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNew = major > 22 || (major === 22 && minor >= 15);
  const packages = isNew
    ? "@opentelemetry/api @opentelemetry/sdk-node"
    : "@opentelemetry/api@1.9 @opentelemetry/sdk-node@0.223";
  return {
    message: `An OTLP endpoint is set, but OpenTelemetry is not installed, so nothing is traced or counted. Install it: npm install ${packages}`,
  };
}
