import { fileURLToPath, pathToFileURL } from "node:url";
import { freePort } from "test-support/free-port";
import { type RunningProcess, startProcess, WEATHER_SERVER } from "test-support/processes";
import { until } from "../../../support/in-process.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../../../fixtures/floods/${name}`, import.meta.url));

/** MiB of heap that each process may use. */
const HEAP = 256;

/** What a process holds, and how it fared since the last reading. */
export interface Reading {
  /** Milliseconds: the longest time that the event loop stood still. */
  readonly stall: number;
  /** Bytes, after a garbage collection. */
  readonly heap: number;
  /** Responses that something still refers to. */
  readonly responses: number;
  /** Sockets that something still refers to. */
  readonly sockets: number;
}

/** A server process with a small heap that can be read. */
export interface ProbedProcess {
  readonly port: number;
  readonly origin: string;
  readonly process: RunningProcess;
  /** @throws Error when the process has ended, or does not answer for 30 s. */
  read(): Promise<Reading>;
}

/** The weather template as `npm run build` leaves it, with default settings. */
export function startWeather(authEnv: (baseUrl: string) => Record<string, string>): Promise<ProbedProcess> {
  return start("The weather server", WEATHER_SERVER, "/readyz", (port) => ({
    ...authEnv(`http://127.0.0.1:${port}`),
    FASTMCP_PORT: String(port),
  }));
}

/** A server of node:http alone. */
export function startBareServer(): Promise<ProbedProcess> {
  return start("The bare server", fixture("bare-server.mjs"), "/", (port) => ({ PORT: String(port) }));
}

async function start(
  name: string,
  script: string,
  readyPath: string,
  env: (port: number) => Record<string, string>,
): Promise<ProbedProcess> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const options = `--max-old-space-size=${HEAP} --import=${pathToFileURL(fixture("probe.mjs")).href}`;
  const process_ = await startProcess({
    name,
    script,
    env: { ...env(port), NODE_OPTIONS: options },
    readyUrl: `${origin}${readyPath}`,
  });
  let ended: number | null | undefined;
  void process_.exited.then((code) => {
    ended = code;
  });
  return { port, origin, process: process_, read };

  async function read(): Promise<Reading> {
    const readings = () => [...process_.log().matchAll(/^probe (.+)$/gm)].map(([, json = ""]) => json);
    const before = readings().length;
    if (ended === undefined) {
      process.kill(process_.pid, "SIGUSR2");
    }
    const deadline = Date.now() + 30_000;
    await until(() => readings().length > before || ended !== undefined || Date.now() > deadline);
    const [reading] = readings().slice(before);
    if (reading !== undefined) {
      return JSON.parse(reading) as Reading;
    }
    const what = ended === undefined ? "does not answer" : `has ended with ${ended ?? "a signal"}`;
    throw new Error(`${name} ${what}. Its log ends:\n${process_.log().slice(-1500)}`);
  }
}
