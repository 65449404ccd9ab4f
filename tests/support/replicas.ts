import { fileURLToPath } from "node:url";
import type { DevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { type RunningProcess, startProcess } from "test-support/processes";
import { type RoundRobin, startRoundRobin } from "./round-robin.ts";

const SERVER = fileURLToPath(new URL("../fixtures/http-server.mjs", import.meta.url));

/** A server that writes `heap <bytes>` for each SIGUSR2. */
export const MEASURED_SERVER = fileURLToPath(new URL("../fixtures/measured-server.mjs", import.meta.url));

/** Processes with one environment behind one address. */
export interface Replicas {
  /** The address that clients know, without a trailing slash. Each request goes to the next replica. */
  readonly baseUrl: string;
  readonly front: RoundRobin;
  /** The replicas' own addresses. */
  readonly origins: readonly string[];
  process(index: number): RunningProcess;
  /** Sends it no more requests, as a load balancer does once it has learned that a replica is not ready. */
  takeOut(index: number): void;
  /** SIGKILL, and a new process in its place. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ReplicasOptions {
  readonly auth0: DevAuth0;
  /** Default 2. */
  readonly count?: number;
  /** What each of them runs, as an absolute path. */
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts replicas that log their users in at `auth0`. */
export async function startReplicas({ auth0, count = 2, script = SERVER, env }: ReplicasOptions): Promise<Replicas> {
  const ports: number[] = [];
  const out = new Set<number>();
  const front = await startRoundRobin(() => ports.filter((_port, index) => !out.has(index)));
  const baseUrl = `http://127.0.0.1:${front.port}`;
  for (let index = 0; index < count; index++) {
    ports.push(await freePort());
  }
  const start = (port: number) =>
    startProcess({
      name: "A replica",
      script,
      env: { ...auth0.env(baseUrl), FASTMCP_RATE_LIMIT: "0", FASTMCP_PORT: String(port), ...env },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
  const running = await Promise.all(ports.map(start));
  const replica = (index: number) => {
    const found = running[index];
    if (found === undefined) {
      throw new Error(`There is no replica ${index}.`);
    }
    return found;
  };
  return {
    baseUrl,
    front,
    origins: ports.map((port) => `http://127.0.0.1:${port}`),
    process: replica,
    takeOut: (index) => void out.add(index),
    async restart(index) {
      await replica(index).kill();
      running[index] = await start(ports[index] ?? 0);
    },
    async stop() {
      await Promise.all(running.map((process) => process.stop()));
      await front.close();
    },
  };
}
