import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";

const { PRIORITY_HIGHEST, PRIORITY_NORMAL } = constants.priority;

/**
 * Puts this process, and what it starts from now on, before other work on the machine.
 *
 * @returns {boolean} Whether this user may.
 */
export function takePriority() {
  return prioritize(PRIORITY_HIGHEST);
}

/** Ends what {@link takePriority} began. */
export function givePriorityBack() {
  prioritize(PRIORITY_NORMAL);
}

/** @param {number} priority */
function prioritize(priority) {
  try {
    setPriority(priority);
    prioritizeSession(priority);
    return true;
  } catch {
    return false;
  }
}

/**
 * Linux shares its time among terminal sessions first (sched_autogroup), and goes by priorities only within one.
 *
 * @param {number} priority
 */
function prioritizeSession(priority) {
  try {
    writeFileSync("/proc/self/autogroup", String(priority));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") {
      throw error;
    }
  }
}
