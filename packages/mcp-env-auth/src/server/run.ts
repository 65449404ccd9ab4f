import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { formatConfigError } from "../env/report.ts";
import { ConfigError } from "../errors.ts";
import { listen } from "../http/listener.ts";
import type { Logger } from "../logger.ts";
import type { Assembly } from "./assembly.ts";
import { type Configured, configure } from "./configure.ts";
import { assembleServer, mountAlone, refuseProtected, type ServerPlan } from "./http-app.ts";
import type { RunOptions } from "./run-options.ts";

export interface RunningServer {
  /** The public URL of the MCP endpoint; `undefined` on stdio. */
  readonly url: string | undefined;
  readonly close: () => Promise<void>;
}

/** Runs a server as the process's own: reports a wrong configuration and exits with code 1, and stops on SIGINT and SIGTERM. */
export async function runServer(plan: ServerPlan, options: RunOptions): Promise<RunningServer> {
  try {
    const configured = await configure(plan, options);
    const running =
      configured.settings.transport === "stdio" ? await runStdio(plan, configured) : await runHttp(plan, configured);
    stopOnSignals(running, configured.logger);
    return running;
  } catch (error) {
    return exitWithReport(error);
  }
}

async function runHttp(plan: ServerPlan, configured: Configured): Promise<RunningServer> {
  const { settings, logger } = configured;
  const assembly = await assembleServer(plan, configured);
  const listener = await listen(mountAlone(assembly, configured), settings);
  const url = assembly.mcpUrl ?? `http://${settings.host}:${listener.port}${settings.mcpPath}`;
  logger.info({ url, host: listener.host, port: listener.port }, `${plan.info.name} is listening: ${url}`);
  startOrExit(assembly);
  return {
    url,
    async close() {
      assembly.retire();
      const cut = await listener.close();
      if (cut > 0) logger.warn({ cut }, "Requests that did not finish in time were cut");
      await assembly.close();
    },
  };
}

async function runStdio(plan: ServerPlan, { logger }: Configured): Promise<RunningServer> {
  refuseProtected(plan.registrations.protectedNames, "a server on stdio, where there is no token");
  const handle = serveStdio(plan.factoryFor(logger), {
    onerror: (error) => logger.warn({ err: error }, "The stdio connection reports an error"),
  });
  return { url: undefined, close: () => handle.close() };
}

// The server listens meanwhile: a client is challenged at once, and can read the metadata.
function startOrExit(assembly: Assembly): void {
  assembly.start().catch(exitWithReport);
}

function exitWithReport(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(formatConfigError(error));
  process.exit(1);
}

function stopOnSignals(running: RunningServer, logger: Logger): void {
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, "Stopping: requests in flight finish first");
    void running.close().then(() => process.exit(0));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
}
