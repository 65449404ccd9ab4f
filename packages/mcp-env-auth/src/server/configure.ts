import type { PolicyFile } from "../authorization/policy-file.ts";
import { type Configuration, loadConfiguration } from "../configuration/load-configuration.ts";
import type { Environment } from "../env/environment.ts";
import { describeOrigin } from "../env/variable-origin.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import { createLogger } from "../logging.ts";
import { createTransport } from "../outgoing/transport.ts";
import { setOutgoing } from "../outgoing.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import { observeLogger } from "../telemetry/observed-logger.ts";
import { startTelemetry } from "../telemetry/start-telemetry.ts";
import type { AssemblySettings } from "./assembly.ts";
import type { LoginScopes } from "./login-scopes.ts";
import type { RunOptions } from "./run-options.ts";

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
}

export interface Configured {
  readonly settings: HttpSettings;
  /** `undefined`: an open server was asked for, or there is no network to protect. */
  readonly provider: AuthProvider | undefined;
  /** What FASTMCP_AUTHORIZATION_FILE adds to what code asks for. */
  readonly policy: PolicyFile | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Sends what is left of traces and metrics, where there are any. Never rejects. */
  closeTelemetry(): Promise<void>;
}

/**
 * Reads the environment, with `options` from code over it, and logs where each value comes from.
 *
 * @throws ConfigError with every problem at once.
 */
export async function configure(options: ConfigureOptions, run: RunOptions = {}): Promise<Configured> {
  const { settings, provider, policy, origins, warnings, environment, outgoing, redactor } = await loadConfiguration({
    auth: options.auth,
    transport: run.transport,
    ...(options.env === undefined ? {} : { processEnv: { ...options.env } }),
  });
  setOutgoing(await createTransport(outgoing));
  const plainLogger =
    options.logger ?? createLogger({ level: settings.logLevel, redact: (line) => redactor.redactText(line) });
  const running =
    (run.transport ?? settings.transport) === "stdio"
      ? undefined
      : await startTelemetry({
          variables: variablesFor("OTEL_", environment),
          serviceName: options.name ?? "mcp-env-auth",
          logger: plainLogger,
        });
  const logger = running === undefined ? plainLogger : observeLogger(plainLogger, running.telemetry);
  for (const origin of origins) {
    logger.info({}, describeOrigin(origin));
  }
  for (const { variable, message } of warnings) {
    logger.warn({ variable }, `${variable ?? ""} ${message}`.trimStart());
  }
  const transport = run.transport ?? settings.transport;
  describeProxy(outgoing, logger);
  if (provider === "none" && transport === "http") {
    warnOpen(logger);
  }
  return {
    settings: {
      ...settings,
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
    closeTelemetry: async () => running?.close(),
  };
}

function variablesFor(prefix: string, environment: Environment): Record<string, string> {
  const named = Array.from(environment.variables(), ({ name, value }) => [name.toUpperCase(), value] as const);
  return Object.fromEntries(named.filter(([name]) => name.startsWith(prefix)));
}

function describeProxy({ httpsProxy }: Configuration["outgoing"], logger: Logger): void {
  if (httpsProxy === undefined) {
    return;
  }
  const { origin } = httpsProxy;
  logger.info(
    { proxy: origin },
    `The identity provider is asked through the proxy ${origin} (HTTPS_PROXY, NO_PROXY). Documents of clients are fetched directly all the same: only so can their addresses be checked.`,
  );
}

function warnOpen(logger: Logger): void {
  logger.warn(
    {},
    "THIS SERVER IS OPEN: everyone who can reach it can use it, without logging in. Set FASTMCP_SERVER_AUTH to a provider to protect it.",
  );
}
