import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * Which core the measured server gets, and which everything else. `undefined` where processes can't be pinned.
 *
 * @typedef {{ server: number, load: number } | undefined} Cores
 */

/**
 * Keeps this process, and what it starts from now on, off the core that servers are measured on.
 *
 * @returns {Cores}
 */
export function takeCores() {
  const [load, server] = allowedCores();
  if (load === undefined || server === undefined) {
    return undefined;
  }
  const { status } = spawnSync("taskset", ["-acp", String(load), String(process.pid)]);
  return status === 0 ? { server, load } : undefined;
}

/**
 * @param {Cores} cores
 * @param {readonly [string, ...string[]]} command
 * @returns {readonly [string, ...string[]]} The command, on the server's core.
 */
export function onServerCore(cores, command) {
  return cores === undefined ? command : ["taskset", "-c", String(cores.server), ...command];
}

/** @returns {number[]} */
function allowedCores() {
  try {
    const [, list = ""] = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return list.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
  } catch {
    return Array.from({ length: availableParallelism() }, (_, index) => index);
  }
}
