import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const hasProc = existsSync("/proc/self/stat");

/** Clock ticks a second, of /proc's times. */
const TICKS = hasProc ? Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" })) : 0;

/**
 * CPU time that a process has used in all its threads, in user mode and in the kernel.
 *
 * @param {number} pid
 * @returns {number} seconds
 */
export function cpuSeconds(pid) {
  if (!hasProc) {
    return secondsOf(ps(pid, "time"));
  }
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field, the program's name, may have spaces and parentheses in it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/**
 * Memory of a process that is in RAM.
 *
 * @param {number} pid
 * @returns {number} bytes
 */
export function residentBytes(pid) {
  if (!hasProc) {
    return Number(ps(pid, "rss")) * 1024;
  }
  const [, kibibytes] = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kibibytes) * 1024;
}

/**
 * @param {number} pid
 * @param {string} field
 */
function ps(pid, field) {
  return execFileSync("ps", ["-o", `${field}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
}

/** @param {string} time `[[days-]hours:]minutes:seconds` */
function secondsOf(time) {
  const [clock = "", days = "0"] = time.split("-").reverse();
  return clock.split(":").reduce((total, part) => total * 60 + Number(part), 0) + Number(days) * 86_400;
}
