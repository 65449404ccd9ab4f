import { setTimeout as sleep } from "node:timers/promises";
import { formatConfigError } from "../env/report.ts";
import { ConfigError, OAuthError } from "../errors.ts";
import { createFront, loadOnDemand } from "../http/front.ts";
import { type Listener, listen } from "../http/listener.ts";
import { loadOnce } from "../lib/load-once.ts";
import { isLoopback } from "../lib/loopback.ts";
import type { Logger } from "../logger.ts";
import type { Assembly } from "./assembly.ts";
import { type Configured, configure } from "./configure.ts";
import { assembleServer, mountAlone } from "./http-app.ts";
import { prepareToServe, refuseProtected, requestServersPlan, type ServerPlan } from "./plan.ts";
import type { RunOptions } from "./run-options.ts";

/** Calls don't need the app: it is loaded when a request does, or else when the first calls are likely to be over. */
const APP_DELAY_MS = 5000;

/** For clients that wait for the server to listen: they are challenged before loading the rest keeps it busy. */
const HEAD_START_MS = 10;

const LONG_START_MS = 10_000;

/** How long the first requests wait for a provider that does not answer, before they are told to try again. */
const PROVIDER_PATIENCE_MS = 2000;

/** When a server that could not start may have been started anew. */
const RETRY_AFTER_SECONDS = 5;

export interface RunningServer {
  /** The public URL of the MCP endpoint; `undefined` on stdio. */
  readonly url: string | undefined;
  readonly close: () => Promise<void>;
}

/** A server that can be closed, and may not be complete. */
export interface BegunServer extends RunningServer {
  /** Settles when everything is there that serves calls. */
  readonly complete: Promise<void>;
}

/** Runs a server as the process's own: reports a wrong configuration and exits with code 1, and stops on SIGINT and SIGTERM. */
export async function beginServer(plan: ServerPlan, options: RunOptions): Promise<BegunServer> {
  try {
    const configured = await configure(plan, options);
    return configured.settings.transport === "stdio"
      ? await runStdio(plan, configured)
      : await runHttp(plan, configured);
  } catch (error) {
    return exitWithReport(error);
  }
}

/**
 * Listens as soon as the configuration is read. Until what serves calls is loaded, clients without a token are
 * challenged, and other requests wait.
 */
async function runHttp(plan: ServerPlan, configured: Configured): Promise<BegunServer> {
  const { settings, logger } = configured;
  const prepared = prepareToServe(plan, configured);
  let assembled: Assembly | undefined;
  let state: "open" | "closing" | "closed" = "open";
  const assembly = loadOnce(async () => {
    assembled = await assembleServer(plan, configured, prepared);
    if (state === "closing") assembled.retire();
    if (state === "closed") await assembled.close();
    return assembled;
  });
  const { reception } = prepared.reception === undefined ? await assembly() : { reception: prepared.reception };
  const connected = loadOnce(async () => waitForProvider(await assembly()));
  const app = loadOnDemand(async () => mountAlone(await connected(), configured), exitWithReport);
  const mcpEndpoint = reception.createEndpoint(loadOnce(async () => (await orUnavailable(connected())).service));
  const listener = await listen(createFront({ ...reception, mcpEndpoint }, app.listener), settings);
  const [url = localUrl(listener, settings.mcpPath)] = reception.mcpUrls;
  const running = stoppedBySignals({ url, close }, logger);
  announce(plan, configured, listener, url);
  return { ...running, complete: complete() };

  async function complete(): Promise<void> {
    const slow = setTimeout(warnOfSlowness, LONG_START_MS, logger).unref();
    try {
      await sleep(HEAD_START_MS);
      const { start } = await assembly();
      if (state !== "open") return;
      start().catch(exitWithReport);
      setTimeout(app.load, APP_DELAY_MS).unref();
    } catch (error) {
      void running.close();
      exitWithReport(error);
    } finally {
      clearTimeout(slow);
    }
  }

  async function close(): Promise<void> {
    state = "closing";
    assembled?.retire();
    // Requests that wait for the assembly are in flight, too.
    const cut = await listener.close();
    if (cut > 0) logger.warn({ cut }, "Requests that did not finish in time were cut");
    state = "closed";
    await (assembled?.close() ?? configured.closeTelemetry());
  }
}

/** The assembly, once its provider is known, or takes longer to answer than a client should wait. */
async function waitForProvider(assembly: Assembly): Promise<Assembly> {
  const waited = new AbortController();
  const patience = sleep(PROVIDER_PATIENCE_MS, undefined, { ref: false, signal: waited.signal });
  await Promise.race([assembly.start(), patience]).catch(() => {});
  waited.abort();
  return assembly;
}

async function orUnavailable(assembly: Assembly | Promise<Assembly>): Promise<Assembly> {
  try {
    return await assembly;
  } catch (error) {
    const description = "The server could not start. Its operator finds the reason where it was started.";
    throw new OAuthError("temporarily_unavailable", description, { cause: error, retryAfter: RETRY_AFTER_SECONDS });
  }
}

function warnOfSlowness(logger: Logger): void {
  logger.warn(
    {},
    `The server is still not complete after ${LONG_START_MS / 1000} s, and requests with a token wait for it. Either its modules are slow to load (look at the disk, and at limits of CPU time), or the provider's authenticate() has not settled.`,
  );
}

/** Says where the server is. */
function announce(plan: ServerPlan, { settings, logger }: Configured, listener: Listener, url: string): void {
  const { host, port } = listener;
  logger.info({ host, port }, `${plan.info.name} listens at ${localUrl(listener, settings.mcpPath)}`);
  logger.info({ url }, `MCP clients connect to ${url}`);
  warnOfBaseUrl(url, port, settings.mcpPath, logger);
}

function localUrl({ host, port }: Listener, mcpPath: string): string {
  return `http://${displayHost(host)}:${port}${mcpPath}`;
}

async function runStdio(plan: ServerPlan, { provider, policy, logger }: Configured): Promise<BegunServer> {
  const offer = plan.offerFor({ policy, provider });
  refuseProtected(
    offer.protectedNames,
    "a server on stdio, where there is no token. Set FASTMCP_TRANSPORT to http, or remove them.",
  );
  const { createRequestServers } = await import("./mcp-calls.ts");
  const { serveStdio } = await import("@modelcontextprotocol/server/stdio");
  const { notifyOnStdio } = await import("./changes/stdio-changes.ts");
  const build = createRequestServers(offer, { ...requestServersPlan(plan), notifiesLegacy: true, logger });
  const buildConnected: typeof build = (context) => {
    const server = build(context);
    notifyOnStdio(server, context?.era ?? "modern", plan.changes, offer.rules);
    return server;
  };
  const handle = serveStdio(buildConnected, {
    onerror: (error) => logger.warn({ err: error }, "The stdio connection reports an error"),
  });
  const running = stoppedBySignals({ url: undefined, close: () => handle.close() }, logger);
  return { ...running, complete: Promise.resolve() };
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

/** What a signal has stopped in this process, each until it is closed. */
const stopping = new Set<Promise<void>>();

/** Stops `running` on SIGINT and SIGTERM, until it is closed otherwise. The process ends with the last that a signal stops. */
function stoppedBySignals({ url, close }: RunningServer, logger: Logger): RunningServer {
  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, "Stopping: requests in flight finish first");
    const closed = close();
    stopping.add(closed);
    void closed.then(() => Promise.all(stopping)).then(() => process.exit(0));
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  return {
    url,
    async close() {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      await close();
    },
  };
}
