import { lowerLimit, type PolicyFile } from "../authorization/policy-file.ts";
import { type Configuration, loadConfiguration } from "../configuration/load-configuration.ts";
import { configurationWarnings } from "../configuration/start-warnings.ts";
import { describeOrigin } from "../env/variable-origin.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { type Logger, observeLogger } from "../logger.ts";
import { createLogger, type OwnLogger } from "../logging.ts";
import { createTransport } from "../outgoing/transport.ts";
import { setOutgoing } from "../outgoing.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import { variablesFor } from "../telemetry/otlp-settings.ts";
import { startMetrics } from "../telemetry/start-metrics.ts";
import { startTelemetry } from "../telemetry/start-telemetry.ts";
import { activeTelemetry } from "../telemetry.ts";
import type { AssemblySettings } from "./assembly.ts";
import { diagnoseFailedLogins } from "./dev-doctor.ts";
import type { LoginScopes } from "./login-scopes.ts";
import type { RunOptions } from "./server-options.ts";

export interface ConfigureOptions {
  /** What the server is called in traces and metrics, unless the environment says. */
  readonly name?: string | undefined;
  /** As in `createServer`. */
  readonly auth?: AuthProvider | null | undefined;
  /** The environment to read; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** The settings of a server, whichever way they came. */
export interface HttpSettings extends Omit<AssemblySettings, "loginScopes"> {
  /** Absent: the provider's default. */
  readonly loginScopes?: LoginScopes;
  readonly transport: "http" | "stdio";
  readonly host: string;
  readonly port: number;
  readonly trustProxy: number;
  readonly dev: boolean;
  /** FASTMCP_UPSTREAM_URL, for the gateway. */
  readonly upstreamUrl?: URL;
  /** FASTMCP_UPSTREAM_COMMAND. */
  readonly upstreamCommand?: string;
  /** FASTMCP_UPSTREAM_MAX_PROCESSES. */
  readonly upstreamMaxProcesses: number;
  /** FASTMCP_UPSTREAM_IDENTITY. */
  readonly upstreamIdentity: "jwt" | "headers" | "none";
  /** FASTMCP_UPSTREAM_TIMEOUT, seconds. */
  readonly upstreamTimeout: number;
}

export interface Configured {
  readonly settings: HttpSettings;
  /** `undefined`: an open server was asked for, or there is no network to protect. */
  readonly provider: AuthProvider | undefined;
  /** What FASTMCP_AUTHORIZATION_FILE adds to what code asks for. */
  readonly policy: PolicyFile | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent where nobody reads along. */
  readonly banner?: OwnLogger["banner"];
  /** Sends what is left of traces and metrics, where there are any. Never rejects. */
  closeTelemetry(): Promise<void>;
}

/**
 * Reads the environment, with `options` from code over it, and logs where each value comes from.
 *
 * @param runs Absent: another listener serves the app.
 * @throws ConfigError with every problem at once.
 */
export async function configure(options: ConfigureOptions, runs?: RunOptions): Promise<Configured> {
  const run = runs ?? {};
  const configuration = await loadConfiguration({
    auth: options.auth,
    transport: run.transport,
    ...(options.env === undefined ? {} : { processEnv: { ...options.env } }),
  });
  const { settings, provider, policy, origins, environment, outgoing, redactor } = configuration;
  setOutgoing(await createTransport(outgoing));
  const transport = run.transport ?? settings.transport;
  const destination = settings.logStream === "stdout" ? process.stdout : process.stderr;
  const ownLogger =
    options.logger === undefined
      ? createLogger({
          level: settings.logLevel,
          format: settings.logFormat,
          destination,
          redact: (text) => redactor.redactText(text),
          redactLine: (line) => redactor.redactLine(line),
        })
      : undefined;
  const isWatched = ownLogger?.banner !== undefined && destination.isTTY === true;
  const plainLogger = options.logger ?? (ownLogger as Logger);
  const running =
    transport === "stdio"
      ? undefined
      : await startTelemetry({
          variables: variablesFor(environment),
          serviceName: options.name ?? "mcp-env-auth",
          logger: plainLogger,
        });
  const metrics =
    settings.metricsPort === undefined || transport === "stdio"
      ? undefined
      : await startMetrics({ host: settings.metricsHost, port: settings.metricsPort }, plainLogger);
  const telemetry = activeTelemetry();
  const observed = telemetry === undefined ? plainLogger : observeLogger(plainLogger, telemetry);
  // Only run() has a process to itself.
  const logger = settings.dev && runs !== undefined ? diagnoseFailedLogins(observed) : observed;
  for (const origin of origins) {
    logger[origin.source.kind === "default" ? "debug" : "info"]({}, describeOrigin(origin));
  }
  for (const { variable, message } of configurationWarnings(configuration, transport, {
    ...run,
    listens: runs !== undefined,
  })) {
    logger.warn({ variable }, `${variable ?? ""} ${message}`.trimStart());
  }
  describeProxy(outgoing, logger);
  return {
    settings: {
      ...settings,
      quotaPerUser: lowerLimit(settings.quotaPerUser, policy?.quotas?.perUser),
      quotaPerClient: lowerLimit(settings.quotaPerClient, policy?.quotas?.perClient),
      logRequests: settings.logRequests ?? isWatched,
      transport,
      host: run.host ?? settings.host,
      port: run.port ?? settings.port,
      mcpPath: run.path ?? settings.streamableHttpPath,
      allowedHosts: settings.httpAllowedHosts,
      allowedOrigins: settings.httpAllowedOrigins,
    },
    provider: provider === "none" ? undefined : provider,
    policy,
    clock: options.clock ?? systemClock,
    logger,
    banner: ownLogger?.banner,
    closeTelemetry: async () => {
      await Promise.all([running?.close(), metrics?.close()]);
    },
  };
}

function describeProxy({ httpsProxy }: Configuration["outgoing"], logger: Logger): void {
  if (httpsProxy === undefined) {
    return;
  }
  const { origin } = httpsProxy;
  logger.info({ proxy: origin }, `The identity provider is asked through the proxy ${origin} (HTTPS_PROXY, NO_PROXY).`);
}
