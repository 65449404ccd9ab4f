import { type Clock, systemClock } from "../clock.ts";
import { describeOrigin } from "../env/variable-origin.ts";
import { createLogger } from "../http/logging.ts";
import type { Logger } from "../logger.ts";
import type { AuthProvider } from "../providers/auth-provider.ts";
import { loadConfiguration } from "../providers/configuration.ts";
import type { AssemblySettings } from "./assembly.ts";
import type { RunOptions } from "./run-options.ts";

export interface ConfigureOptions {
  /** As in `createServer`. */
  readonly auth?: AuthProvider | null | undefined;
  /** The environment to read; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** The settings of a server, whichever way they came. */
export interface HttpSettings extends AssemblySettings {
  readonly transport: "http" | "stdio";
  readonly host: string;
  readonly port: number;
  readonly trustProxy: number;
}

export interface Configured {
  readonly settings: HttpSettings;
  /** `undefined`: an open server was asked for, or there is no network to protect. */
  readonly provider: AuthProvider | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Reads the environment, with `options` from code over it, and logs where each value comes from.
 *
 * @throws ConfigError with every problem at once.
 */
export async function configure(options: ConfigureOptions, run: RunOptions = {}): Promise<Configured> {
  const { settings, provider, origins, warnings, redactor } = await loadConfiguration({
    auth: options.auth,
    transport: run.transport,
    ...(options.env === undefined ? {} : { processEnv: { ...options.env } }),
  });
  const logger =
    options.logger ?? createLogger({ level: settings.logLevel, redact: (line) => redactor.redactText(line) });
  for (const origin of origins) logger.info({}, describeOrigin(origin));
  for (const { variable, message } of warnings) logger.warn({ variable }, `${variable ?? ""} ${message}`.trimStart());
  const transport = run.transport ?? settings.transport;
  if (provider === "none" && transport === "http") warnOpen(logger);
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
    clock: options.clock ?? systemClock,
    logger,
  };
}

function warnOpen(logger: Logger): void {
  logger.warn(
    {},
    "THIS SERVER IS OPEN: everyone who can reach it can use it, without logging in. Set FASTMCP_SERVER_AUTH to a provider to protect it.",
  );
}
