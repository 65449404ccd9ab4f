import type { ConfigProblem } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { activateTelemetry } from "../telemetry.ts";
import { loadPrometheusClient, missingPrometheusClient } from "./check-telemetry.ts";
import { type MetricsAddress, type MetricsServer, PortNotOpened, serveMetrics } from "./metrics-server.ts";
import { createPrometheus, type PrometheusTelemetry } from "./prometheus.ts";

/** Metrics that are being served. */
export interface RunningMetrics {
  /** Stops serving, and counting unless another server of this process goes on. Never rejects. */
  close(): Promise<void>;
}

/** A port with metrics, and how many servers of this process asked for it. */
interface Port {
  readonly name: string;
  readonly server: Promise<MetricsServer>;
  users: number;
}

const ports = new Set<Port>();

/** One for the process: what measures the process can't be stopped. */
let counting: PrometheusTelemetry | undefined;

/**
 * Counts for Prometheus and serves `/metrics` at `address`. Servers of one process count together, and share a port.
 *
 * Telemetry never stops a server: what is missing or wrong is a warning that says what to do.
 */
export async function startMetrics(address: MetricsAddress, logger: Logger): Promise<RunningMetrics | undefined> {
  const client = await loadPrometheusClient();
  if (client === undefined) {
    return warn(logger, missingPrometheusClient());
  }
  counting ??= createPrometheus(client);
  const port = portFor(counting, address);
  try {
    const { url } = await port.server;
    logger.info({ url }, `Prometheus metrics: ${url}`);
  } catch (error) {
    await release(port);
    if (error instanceof PortNotOpened) {
      return warn(logger, error.problem);
    }
    throw error;
  }
  activateTelemetry("Prometheus", counting);
  let isOpen = true;
  return {
    async close() {
      if (isOpen) {
        isOpen = false;
        await release(port);
      }
    },
  };
}

function portFor(page: PrometheusTelemetry, address: MetricsAddress): Port {
  const name = `${address.host} ${address.port}`;
  // Port 0 is another one each time.
  const known = address.port === 0 ? undefined : [...ports].find((port) => port.name === name);
  const port = known ?? { name, server: serveMetrics(page, address), users: 0 };
  port.users += 1;
  ports.add(port);
  return port;
}

/** Closes a port that nobody uses any more. */
async function release(port: Port): Promise<void> {
  port.users -= 1;
  if (port.users > 0) {
    return;
  }
  ports.delete(port);
  if (ports.size === 0) {
    activateTelemetry("Prometheus", undefined);
  }
  const server = await port.server.catch(() => undefined);
  await server?.close();
}

function warn(logger: Logger, { variable, message }: ConfigProblem): undefined {
  logger.warn({ variable }, `${variable} ${message} No metrics are served.`);
}
