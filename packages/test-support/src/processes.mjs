import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} ProcessOptions
 * @property {string} name For messages.
 * @property {string} [program] What runs `script`. Default: this Node. Others are ended with all processes that they start.
 * @property {string} script What is run, as an absolute path.
 * @property {readonly string[]} [programArgs] In front of it.
 * @property {readonly string[]} [args]
 * @property {Readonly<Record<string, string>>} [env] All that the process sees besides what the operating system needs.
 * @property {string} readyUrl Answers 2xx as soon as the process can be used.
 * @property {(text: string) => void} [onOutput] Told what it writes, as it comes.
 * @property {number} [readyTimeout] Milliseconds until it must. Default 45 s.
 *
 * @typedef {object} RunningProcess
 * @property {number} pid
 * @property {() => string} log All that it wrote so far.
 * @property {() => Promise<void>} stop SIGTERM, and SIGKILL when that does not end it.
 * @property {() => Promise<void>} kill SIGKILL.
 * @property {Promise<number | null>} exited Its exit code, `null` after a signal.
 */

/** The weather server, as `npm run build` leaves it. */
export const WEATHER_SERVER = fileURLToPath(new URL("../../../templates/weather/dist/server.js", import.meta.url));

/** dev-auth0's command. */
export const DEV_AUTH0 = fileURLToPath(new URL("../../../packages/dev-auth0/dist/cli.js", import.meta.url));

const READY_TIMEOUT = 45_000;
const STOP_TIMEOUT = 12_000;
const POLL_INTERVAL = 50;

/** What kills each child that runs. @type {Set<() => void>} */
const children = new Set();

// However this process ends, none of its children outlives it.
process.on("exit", () => {
  for (const killChild of children) {
    killChild();
  }
});

/**
 * Starts a process and waits until it is ready.
 *
 * @param {ProcessOptions} options
 * @returns {Promise<RunningProcess>}
 */
export async function startProcess({
  name,
  program = process.execPath,
  programArgs = [],
  script,
  args = [],
  env = {},
  readyUrl,
  readyTimeout = READY_TIMEOUT,
  onOutput,
}) {
  // A shell script that is killed leaves the program that it runs behind, as Keycloak's does.
  const ownGroup = program !== process.execPath;
  const child = spawn(program, [...programArgs, script, ...args], {
    detached: ownGroup,
    // A folder without a .env: nothing but `env` configures the process.
    cwd: dirname(script),
    env: { ...systemEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  /** @param {NodeJS.Signals} name */
  const signal = (name) => {
    if (!ownGroup || child.pid === undefined) {
      return void child.kill(name);
    }
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") {
        throw error;
      }
    }
  };
  const killChild = () => signal("SIGKILL");
  children.add(killChild);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      log += text;
      onOutput?.(text);
    });
  }
  const exited = once(child, "exit").then(([code]) => {
    children.delete(killChild);
    return /** @type {number | null} */ (code);
  });
  const running = {
    pid: child.pid ?? -1,
    log: () => log,
    exited,
    async stop() {
      signal("SIGTERM");
      const killer = setTimeout(killChild, STOP_TIMEOUT);
      await exited;
      clearTimeout(killer);
    },
    async kill() {
      killChild();
      await exited;
    },
  };
  await ready(running, name, readyUrl, readyTimeout);
  return running;
}

/**
 * @param {RunningProcess} running
 * @param {string} name
 * @param {string} url
 * @param {number} timeout
 */
async function ready(running, name, url, timeout) {
  const deadline = Date.now() + timeout;
  let ended = false;
  void running.exited.then(() => {
    ended = true;
  });
  while (Date.now() < deadline && !ended) {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) {
      return;
    }
    await sleep(POLL_INTERVAL);
  }
  const hasEnded = ended;
  await running.kill();
  const what = hasEnded ? "ended instead of starting" : `was not ready after ${timeout / 1000} s`;
  throw new Error(`${name} ${what}. Its log:\n${running.log()}`);
}

/** What a process needs from the operating system; no setting of this machine gets through. */
function systemEnvironment() {
  const names = ["PATH", "SystemRoot", "TEMP", "TMP", "TMPDIR", "HOME"];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
