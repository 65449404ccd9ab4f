import { lstatSync, mkdirSync, renameSync, rmdirSync } from "node:fs";
import path from "node:path";
import { usageError } from "./command-error.ts";
import { listFiles } from "./template.ts";

/** What a merge did to files that were there already, by their path in the folder. */
export interface MergeReport {
  readonly replaced: readonly string[];
  readonly kept: readonly string[];
}

/** A person's secrets: never replaced. */
const KEPT = new Set([".env"]);

/**
 * What merging these files into a folder does to those that are there already.
 *
 * @throws CommandError, exit code 2, when a folder, link or special file is in a file's place.
 */
export function planMerge(files: readonly string[], into: string): MergeReport {
  refuseConflicts(files, into);
  const present = files.filter((file) => entryAt(path.join(into, file)) !== undefined);
  return {
    replaced: present.filter((file) => !KEPT.has(file)),
    kept: present.filter((file) => KEPT.has(file)),
  };
}

/**
 * Moves every file below `from` to the same place below `into`, which is on the same volume. Files of the same name are
 * replaced, `.env` is kept, and nothing else is touched. It happens wholly or not at all: replaced files wait in
 * `backup` and go back to their places when a step fails.
 *
 * @throws CommandError, exit code 2, before the first step, as `planMerge` does.
 */
export function mergeInto(from: string, into: string, backup: string): MergeReport {
  const files = listFiles(from);
  const report = planMerge(files, into);
  const undo: (() => void)[] = [];
  try {
    for (const file of files.filter((name) => !report.kept.includes(name))) {
      makeDirectories(into, path.dirname(file), undo);
      if (report.replaced.includes(file)) {
        move(path.join(into, file), path.join(backup, file), undo);
      }
      move(path.join(from, file), path.join(into, file), undo);
    }
  } catch (error) {
    for (const step of undo.reverse()) {
      step();
    }
    throw error;
  }
  return report;
}

function move(source: string, target: string, undo: (() => void)[]): void {
  mkdirSync(path.dirname(target), { recursive: true });
  renameSync(source, target);
  undo.push(() => renameSync(target, source));
}

function makeDirectories(root: string, relative: string, undo: (() => void)[]): void {
  let directory = root;
  for (const name of relative.split(path.sep)) {
    directory = path.join(directory, name);
    if (entryAt(directory) !== undefined) {
      continue;
    }
    mkdirSync(directory);
    const created = directory;
    undo.push(() => rmdirSync(created));
  }
}

/** A link could lead out of the folder, so only real folders and plain files are written over. */
function refuseConflicts(files: readonly string[], into: string): void {
  const conflicts = new Set(files.flatMap((file) => conflictAt(file, into) ?? []));
  if (conflicts.size === 0) {
    return;
  }
  throw usageError(
    `Nothing was written, since these are in the way: ${[...conflicts].join(", ")}. ` +
      "A folder, a link or a special file is not replaced; move them, or choose another folder.",
  );
}

function conflictAt(file: string, into: string): string | undefined {
  const names = file.split(path.sep);
  for (let depth = 1; depth <= names.length; depth++) {
    const relative = names.slice(0, depth).join(path.sep);
    const entry = entryAt(path.join(into, relative));
    if (entry === undefined) {
      return undefined;
    }
    if (depth < names.length ? !entry.isDirectory() : !entry.isFile()) {
      return relative;
    }
  }
  return undefined;
}

function entryAt(file: string) {
  return lstatSync(file, { throwIfNoEntry: false });
}
