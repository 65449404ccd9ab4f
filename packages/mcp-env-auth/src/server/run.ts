import { formatConfigError } from "../env/report.ts";
import { ConfigError } from "../errors.ts";
import { type LoadedListener, loadOnDemand } from "../http/front.ts";
import { listen } from "../http/listener.ts";
import type { Logger } from "../logger.ts";
import { isLoopback } from "../loopback.ts";
import type { Assembly } from "./assembly.ts";
import { type Configured, configure } from "./configure.ts";
import { assembleServer, mountAlone, refuseProtected, type ServerPlan } from "./http-app.ts";
import type { RunOptions } from "./run-options.ts";

const APP_DELAY_MS = 5000;

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
    const stopListening = stopOnSignals(running.close, configured.logger);
    const close = async () => {
      stopListening();
      await running.close();
    };
    return { ...running, close };
  } catch (error) {
    return exitWithReport(error);
  }
}

async function runHttp(plan: ServerPlan, configured: Configured): Promise<RunningServer> {
  const { settings, logger } = configured;
  const assembly = await assembleServer(plan, configured);
  const app = loadOnDemand(() => mountAlone(assembly, configured), exitWithReport);
  const listener = await listen(assembly.listenerFor(app.listener), settings);
  const local = `http://${displayHost(listener.host)}:${listener.port}${settings.mcpPath}`;
  const url = assembly.mcpUrl ?? local;
  logger.info({ host: listener.host, port: listener.port }, `${plan.info.name} listens at ${local}`);
  logger.info({ url }, `MCP clients connect to ${url}`);
  warnOfBaseUrl(url, listener.port, settings.mcpPath, logger);
  startOrExit(assembly, app);
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

async function runStdio(plan: ServerPlan, { provider, policy, logger }: Configured): Promise<RunningServer> {
  const offer = plan.offerFor({ policy, provider, logger });
  refuseProtected(
    offer.protectedNames,
    "a server on stdio, where there is no token. Set FASTMCP_TRANSPORT to http, or remove them.",
  );
  const { serveStdio } = await import("@modelcontextprotocol/server/stdio");
  const handle = serveStdio(offer.build, {
    onerror: (error) => logger.warn({ err: error }, "The stdio connection reports an error"),
  });
  return { url: undefined, close: () => handle.close() };
}

// The server listens meanwhile: a client is challenged at once, and can read the metadata.
// Calls don't need the app: it is loaded when a request does, or else when the first calls are likely to be over.
function startOrExit(assembly: Assembly, app: LoadedListener): void {
  setTimeout(app.load, APP_DELAY_MS).unref();
  assembly.start().catch(exitWithReport);
}

function exitWithReport(error: unknown): never {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(formatConfigError(error));
  process.exit(1);
}

function displayHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Says what is odd about the address that clients are told, where it can be seen from here. */
function warnOfBaseUrl(url: string, port: number, mcpPath: string, logger: Logger): void {
  const { hostname, port: announced, pathname } = new URL(url);
  if (isLoopback(hostname) && Number(announced || 80) !== port) {
    logger.warn(
      { url, port },
      `Clients on this machine are told port ${announced || 80}, and the server listens at ${port}. Unless something forwards it, set BASE_URL or FASTMCP_PORT so that both are the same.`,
    );
  }
  if (pathname.endsWith(`${mcpPath}${mcpPath}`)) {
    logger.warn(
      { url },
      `BASE_URL ends in ${mcpPath}, which is added to it. Leave it out, unless the address of the MCP endpoint is meant to end in it twice.`,
    );
  }
}

/** Stops on SIGINT and SIGTERM. What it returns stops listening for them. */
function stopOnSignals(close: () => Promise<void>, logger: Logger): () => void {
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, "Stopping: requests in flight finish first");
    void close().then(() => process.exit(0));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return () => process.off("SIGINT", stop).off("SIGTERM", stop);
}
