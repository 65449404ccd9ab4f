import type { Logger } from "../logger.ts";
import { activateTelemetry, type Telemetry, telemetryOf } from "../telemetry.ts";
import { describeProblems, loadApi, loadOpenTelemetry, missingPackages } from "./check-telemetry.ts";
import { watchExports } from "./export-failures.ts";
import { createOpenTelemetry } from "./open-telemetry.ts";
import { type OtlpSettings, readOtlpSettings } from "./otlp-settings.ts";

/** How long the last spans and metrics may take to leave: milliseconds. */
const FLUSH_TIMEOUT = 3_000;

/**
 * Where the OpenTelemetry API of major version 1 keeps what is registered with it, for all copies of it in a process.
 */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

export interface TelemetryOptions {
  /** The environment's variables for OpenTelemetry, wherever they are set. */
  readonly variables: Readonly<Record<string, string>>;
  /** `service.name`, unless the environment has one. */
  readonly serviceName: string;
  readonly logger: Logger;
}

/** Telemetry that is going on. */
export interface RunningTelemetry {
  readonly telemetry: Telemetry;
  /** Sends what is left, for 3 s at most, and stops. Never rejects. */
  close(): Promise<void>;
}

interface Sdk {
  start(): void;
  shutdown(): Promise<void>;
}

let users = 0;
let sdk: Sdk | undefined;
let turn: Promise<unknown> = Promise.resolve();

/**
 * Starts tracing and counting where the environment has an OTLP endpoint, or the process has registered an
 * OpenTelemetry SDK of its own, which is used then. Otherwise loads nothing and gives `undefined`.
 *
 * Telemetry never stops a server: what is missing or wrong is a warning that says what to do.
 */
export function startTelemetry(options: TelemetryOptions): Promise<RunningTelemetry | undefined> {
  return inTurn(() => start(options));
}

/** Servers of one process share what is registered, and must not start it while another one stops it. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work);
  turn = mine.catch(() => {});
  return mine;
}

async function start(options: TelemetryOptions): Promise<RunningTelemetry | undefined> {
  const { variables, logger } = options;
  const settings = readOtlpSettings(variables);
  for (const { variable, message } of describeProblems(settings)) {
    logger.warn({ variable }, `${variable} ${message}`);
  }
  const isRegistered = hasRegisteredSdk();
  if (telemetryOf("OpenTelemetry") === undefined && !isRegistered && !settings.traces && !settings.metrics) {
    return undefined;
  }
  const telemetry = telemetryOf("OpenTelemetry") ?? (await activate(options, settings, isRegistered));
  if (telemetry === undefined) {
    return undefined;
  }
  users += 1;
  let open = true;
  return {
    telemetry,
    async close() {
      if (!open) {
        return;
      }
      open = false;
      await inTurn(async () => {
        users -= 1;
        if (users === 0) {
          await stop(logger);
        }
      });
    },
  };
}

async function activate(
  { variables, serviceName, logger }: TelemetryOptions,
  settings: OtlpSettings,
  isRegistered: boolean,
): Promise<Telemetry | undefined> {
  const { api, node } = isRegistered ? { api: await loadApi(), node: undefined } : await loadOpenTelemetry();
  if (!isRegistered) {
    if (api === undefined || node === undefined) {
      logger.warn({}, missingPackages().message);
      return undefined;
    }
    watchExports(api, logger);
    sdk = withVariables(sdkVariables(variables, settings, serviceName), () => {
      const starting = new node.NodeSDK({ instrumentations: [] });
      starting.start();
      return starting;
    });
    const signals = [settings.traces ? "Traces" : "", settings.metrics ? "metrics" : ""].filter(Boolean).join(" and ");
    logger.info({}, `${signals} go to ${settings.endpoints.join(", ")}`);
  }
  if (api === undefined) {
    return undefined;
  }
  const telemetry = createOpenTelemetry(api);
  activateTelemetry("OpenTelemetry", telemetry);
  return telemetry;
}

async function stop(logger: Logger): Promise<void> {
  activateTelemetry("OpenTelemetry", undefined);
  const stopping = sdk;
  sdk = undefined;
  if (stopping === undefined) {
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, FLUSH_TIMEOUT, "late");
  });
  const outcome = await Promise.race([stopping.shutdown().catch(() => "failed" as const), late]);
  clearTimeout(timer);
  if (outcome !== undefined) {
    logger.warn({}, "The last traces and metrics did not reach the OTLP endpoint.");
  }
  const api = await loadApi();
  for (const part of api === undefined ? [] : [api.trace, api.metrics, api.context, api.propagation, api.diag]) {
    part.disable();
  }
}

function hasRegisteredSdk(): boolean {
  const registry = (globalThis as Record<symbol, unknown>)[REGISTRY] as
    | { trace?: unknown; metrics?: unknown }
    | undefined;
  return sdk === undefined && (registry?.trace !== undefined || registry?.metrics !== undefined);
}

/** What the SDK is to read. Signals without an endpoint stay off; logs are not sent. */
function sdkVariables(
  variables: Readonly<Record<string, string>>,
  settings: OtlpSettings,
  serviceName: string,
): Readonly<Record<string, string>> {
  const { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES = "" } = variables;
  const isNamed = OTEL_SERVICE_NAME || /(?:^|,)\s*service\.name=/.test(OTEL_RESOURCE_ATTRIBUTES);
  return {
    // The SDK's own choice includes the command line and the user's name.
    OTEL_NODE_RESOURCE_DETECTORS: "env",
    ...variables,
    ...(isNamed ? {} : { OTEL_SERVICE_NAME: serviceName }),
    ...(settings.traces ? {} : { OTEL_TRACES_EXPORTER: "none" }),
    ...(settings.metrics ? {} : { OTEL_METRICS_EXPORTER: "none" }),
    OTEL_LOGS_EXPORTER: "none",
  };
}

/** The SDK reads `process.env` and nothing else, while it starts. */
function withVariables<T>(variables: Readonly<Record<string, string>>, start: () => T): T {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return start();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = before[name];
      }
    }
  }
}
