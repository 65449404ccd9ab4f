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
  /**
   * Reads the stall alone, which is quick. What is garbage then is gone.
   *
   * @throws Error as `read` does.
   */
  readStall(): Promise<number>;
}

/** Where a server is found, and how it is set up. */
export interface WeatherOptions {
  /** Default: a free one. */
  readonly port?: number | undefined;
  /** The address that clients are told. Default: its own. */
  readonly baseUrl?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A file of tests/fixtures/floods that is loaded in front of its own modules. */
  readonly preload?: string | undefined;
}

/** The weather template as `npm run build` leaves it, with default settings but for `env`. */
export function startWeather(
  authEnv: (baseUrl: string) => Record<string, string>,
  { port, baseUrl, env, preload }: WeatherOptions = {},
): Promise<ProbedProcess> {
  const variables = (own: number) => ({
    ...authEnv(baseUrl ?? `http://127.0.0.1:${own}`),
    FASTMCP_PORT: String(own),
    ...env,
  });
  return start("The weather server", WEATHER_SERVER, "/readyz", variables, { port, preload });
}

/** A server of node:http alone. */
export function startBareServer(): Promise<ProbedProcess> {
  return start("The bare server", fixture("bare-server.mjs"), "/", (port) => ({ PORT: String(port) }));
}

/** A server of node:http that does no more with a body than to parse it. */
export function startParsingServer(): Promise<ProbedProcess> {
  return start("The parsing server", fixture("parsing-server.mjs"), "/", (port) => ({ PORT: String(port) }));
}

async function start(
  name: string,
  script: string,
  readyPath: string,
  env: (port: number) => Record<string, string>,
  { port: chosenPort, preload }: Pick<WeatherOptions, "port" | "preload"> = {},
): Promise<ProbedProcess> {
  const port = chosenPort ?? (await freePort());
  const origin = `http://127.0.0.1:${port}`;
  const preloads = ["probe.mjs", ...(preload === undefined ? [] : [preload])];
  const imports = preloads.map((file) => `--import=${pathToFileURL(fixture(file)).href}`);
  const options = [`--max-old-space-size=${HEAP}`, ...imports].join(" ");
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
  return {
    port,
    origin,
    process: process_,
    read: () => readAt<Reading>("SIGUSR2"),
    readStall: async () => (await readAt<Pick<Reading, "stall">>("SIGWINCH")).stall,
  };

  async function readAt<Kind>(signal: NodeJS.Signals): Promise<Kind> {
    const readings = () => [...process_.log().matchAll(/^probe (.+)$/gm)].map(([, json = ""]) => json);
    const before = readings().length;
    if (ended === undefined) {
      process.kill(process_.pid, signal);
    }
    const deadline = Date.now() + 30_000;
    await until(() => readings().length > before || ended !== undefined || Date.now() > deadline);
    const [reading] = readings().slice(before);
    if (reading !== undefined) {
      return JSON.parse(reading) as Kind;
    }
    const what = ended === undefined ? "does not answer" : `has ended with ${ended ?? "a signal"}`;
    throw new Error(`${name} ${what}. Its log ends:\n${process_.log().slice(-1500)}`);
  }
}
