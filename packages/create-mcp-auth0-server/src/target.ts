import { lstatSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { CommandError, usageError } from "./command-error.ts";

/** Whether the project's folder is there already. */
export type TargetState = "absent" | "empty" | "occupied";

/** Entries that a project never has, and that are left alone. */
const HARMLESS = new Set([".git", ".hg", ".svn", ".idea", ".DS_Store", "Thumbs.db", "desktop.ini"]);

/**
 * Looks at the folder to write to. Hidden files count: a folder with nothing but an `.env` in it is occupied.
 *
 * @throws CommandError, exit code 2, when there is something else in its place.
 */
export function inspectTarget(directory: string): TargetState {
  if (!exists(directory)) {
    refuseFileOnTheWay(path.dirname(directory));
    return "absent";
  }
  if (!isDirectory(directory)) {
    throw usageError(`${directory} is there already, and it is not a folder.`);
  }
  return occupants(directory).length === 0 ? "empty" : "occupied";
}

/** What stands in the way in a folder, by name. */
export function occupants(directory: string): string[] {
  return read(directory)
    .filter((name) => !HARMLESS.has(name))
    .sort();
}

/** The sentence for a folder that is occupied. */
export function occupiedProblem(directory: string): string {
  const names = occupants(directory);
  const shown = names.slice(0, 5).join(", ") + (names.length > 5 ? `, and ${names.length - 5} more` : "");
  return (
    `${directory} is not empty (${shown}). Choose another folder, or give --force to write into this one: ` +
    "files of the same name are replaced, except .env, and nothing is deleted."
  );
}

function refuseFileOnTheWay(directory: string): void {
  if (!exists(directory)) {
    if (path.dirname(directory) !== directory) {
      refuseFileOnTheWay(path.dirname(directory));
    }
  } else if (!isDirectory(directory)) {
    throw usageError(`${directory} is not a folder, so nothing can be created in it.`);
  }
}

function read(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new CommandError(`${directory} can't be read: ${(error as Error).message}`, 1, { cause: error });
  }
}

/** True for a dangling link too: there is something of that name. */
function exists(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") {
      return false;
    }
    throw error;
  }
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
