import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { onServerCore } from "./machine/cores.mjs";

/** @import { Cores } from "./machine/cores.mjs" */

const STOP_TIMEOUT = 5_000;
const LOG_LENGTH = 16_000;

/** @type {Set<import("node:child_process").ChildProcess>} */
const children = new Set();

// However this process ends, none of its servers outlives it.
process.on("exit", () => {
  for (const child of children) {
    child.kill("SIGKILL");
  }
});

/**
 * @typedef {object} ServerProcess
 * @property {number} pid
 * @property {number} startedAt `performance.now()` just before.
 * @property {() => string} log The end of what it wrote.
 * @property {() => boolean} ended Whether it is gone.
 * @property {() => Promise<void>} stop
 */

/**
 * Starts a server on its core, with nothing in its environment but `env` and what the operating system needs.
 *
 * @param {readonly [string, ...string[]]} command
 * @param {{ env: Readonly<Record<string, string>>, cores: Cores }} options
 * @returns {ServerProcess}
 */
export function startServerProcess(command, { env, cores }) {
  const [program, ...args] = onServerCore(cores, command);
  const startedAt = performance.now();
  const child = spawn(program, args, {
    // A folder without a .env.
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-LOG_LENGTH);
    });
  }
  child.once("error", (error) => {
    log += error.message;
  });
  let ended = false;
  const exited = Promise.race([once(child, "exit"), once(child, "error")]).then(() => {
    ended = true;
    children.delete(child);
  });
  return {
    pid: child.pid ?? -1,
    startedAt,
    log: () => log,
    ended: () => ended,
    async stop() {
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT);
      await exited;
      clearTimeout(killer);
    },
  };
}
