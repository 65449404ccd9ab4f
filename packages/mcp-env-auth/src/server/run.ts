import { setTimeout as sleep } from "node:timers/promises";
import { addressWarnings } from "../configuration/start-warnings.ts";
import { formatConfigError } from "../env/report.ts";
import { ConfigError } from "../errors.ts";
import { createFront, type LoadedListener, loadOnDemand } from "../http/front.ts";
import type { Listener } from "../http/listener.ts";
import type { Logger } from "../logger.ts";
import { bannerOf } from "./banner.ts";
import { type Configured, configure } from "./configure.ts";
import { mountAlone } from "./http-app.ts";
import { createLifecycle, type Lifecycle } from "./lifecycle.ts";
import type { Prepared, Startable } from "./plan.ts";
import type { RunOptions } from "./server-options.ts";
import { markStartFailure, watchStrayErrors } from "./stray-errors.ts";

/** Calls don't need the app: it is loaded when a request does, or else when the first calls are likely to be over. */
const APP_DELAY_MS = 5000;

/** For clients that wait for the server to listen: they are challenged before loading the rest keeps it busy. */
const HEAD_START_MS = 10;

const LONG_START_MS = 10_000;

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

/**
 * Runs a server as the process's own: reports a wrong configuration and exits with code 1, and stops on SIGINT and
 * SIGTERM, and after errors that nobody caught.
 */
export async function beginServer(plan: Startable, options: RunOptions): Promise<BegunServer> {
  try {
    const configured = await configure(plan, options);
    return configured.settings.transport === "stdio"
      ? await runStdio(plan, configured)
      : await runHttp(plan, configured);
  } catch (error) {
    return exitWithReport(error);
  }
}

async function runStdio(plan: Startable, configured: Configured): Promise<BegunServer> {
  const server = await plan.serveStdio(configured);
  const running = ownProcess({ url: undefined, close: () => server.close() }, configured);
  return { ...running, complete: Promise.resolve() };
}

/**
 * Listens as soon as the configuration is read. Until what serves calls is loaded, clients without a token are
 * challenged, and other requests wait.
 */
async function runHttp(plan: Startable, configured: Configured): Promise<BegunServer> {
  const { settings, logger } = configured;
  const lifecycle: Lifecycle = createLifecycle({ ...configured, assemble: () => prepared.assemble() });
  let prepared: Prepared;
  try {
    prepared = plan.prepare(configured, lifecycle);
    const reception = prepared.reception ?? (await lifecycle.assemble()).reception;
    const app = loadOnDemand(
      async () => mountAlone(await lifecycle.serving(), configured, { hasRoot: true }),
      exitWithReport,
    );
    const mcpEndpoint = reception.createEndpoint(lifecycle.service);
    const listener = await lifecycle.listen(createFront({ ...reception, mcpEndpoint }, app.listener), settings);
    const [url = localUrl(listener, settings.mcpPath)] = reception.mcpUrls;
    const running = ownProcess({ url, close: lifecycle.close }, configured);
    announce(plan, configured, listener, url);
    return { ...running, complete: complete(lifecycle, app, running, logger) };
  } catch (error) {
    lifecycle.close().catch(() => {});
    throw error;
  }
}

/** Takes a server that listens on to `assembled`, and begins to connect it. */
async function complete(
  lifecycle: Lifecycle,
  app: LoadedListener,
  running: RunningServer,
  logger: Logger,
): Promise<void> {
  const slow = setTimeout(warnOfSlowness, LONG_START_MS, logger).unref();
  try {
    await sleep(HEAD_START_MS);
    if (lifecycle.isClosed()) {
      return;
    }
    await lifecycle.assemble();
    if (lifecycle.isRetired()) {
      return;
    }
    lifecycle.connect().catch(exitWithReport);
    setTimeout(app.load, APP_DELAY_MS).unref();
  } catch (error) {
    running.close().catch(() => {});
    exitWithReport(error);
  } finally {
    clearTimeout(slow);
  }
}

function warnOfSlowness(logger: Logger): void {
  logger.warn(
    {},
    `The server is still not complete after ${LONG_START_MS / 1000} s, and requests with a token wait for it. Either its modules are slow to load (look at the disk, and at limits of CPU time), or the provider's authenticate() has not settled.`,
  );
}

/** Says where the server is: to who reads along, or in the log. */
function announce(plan: Startable, configured: Configured, listener: Listener, url: string): void {
  const { settings, logger, provider, banner } = configured;
  const { host, port } = listener;
  const local = localUrl(listener, settings.mcpPath);
  const { name, version } = plan.info;
  if (banner === undefined) {
    logger.info({ host, port }, `${name} listens at ${local}`);
    logger.info({ url }, `MCP clients connect to ${url}`);
  } else {
    const { heading, lines } = bannerOf({ name, version, url, local, provider });
    banner(heading, lines);
  }
  for (const { variable, message } of addressWarnings({ ...settings, url, port })) {
    logger.warn({ url, port }, `${variable ?? ""} ${message}`.trimStart());
  }
}

function localUrl({ host, port }: Listener, mcpPath: string): string {
  return `http://${displayHost(host)}:${port}${mcpPath}`;
}

function exitWithReport(error: unknown): never {
  if (!(error instanceof ConfigError)) {
    markStartFailure(error);
    throw error;
  }
  process.stderr.write(formatConfigError(error));
  process.exit(1);
}

function displayHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Stops `running` when the process is told to, and ends it after an error that nobody caught. */
function ownProcess(running: RunningServer, { settings, logger }: Configured): RunningServer {
  const stopped = stoppedBySignals(running, logger);
  const forget = watchStrayErrors({ logger, dev: settings.dev, close: stopped.close });
  return {
    url: running.url,
    async close() {
      await stopped.close();
      forget();
    },
  };
}

/** What a signal has stopped in this process, each until it is closed. */
const stopping = new Set<Promise<void>>();

/**
 * Stops `running` on SIGINT and SIGTERM, until it is closed otherwise. The process ends with the last that a signal
 * stops.
 */
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
