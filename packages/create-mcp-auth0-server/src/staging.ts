import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import path from "node:path";
import { CommandError } from "./command-error.ts";
import { type MergeReport, mergeInto } from "./merge.ts";
import type { TargetState } from "./target.ts";

/**
 * A hidden folder in which a project is written before it is moved to its place in one go. It lies on the target's
 * volume: beside a target that is still absent, inside one that is there, whose parent may be another volume or not
 * ours to write to.
 */
export interface Staging {
  /** The folder to write the project to; not created yet. */
  readonly project: string;
  /**
   * Moves the project to its place and removes the staging folder. Wholly or not at all, with no point where a signal
   * comes between.
   */
  commit(): MergeReport;
  /**
   * Removes the staging folder, and the parents of the target if they were created for it. May be called at any time,
   * again too.
   */
  discard(): void;
}

const NOTHING_THERE: MergeReport = { replaced: [], kept: [] };

/** @throws CommandError, exit code 1, when nothing can be written there. */
export function openStaging(directory: string, state: TargetState): Staging {
  const parent = state === "absent" ? path.dirname(directory) : directory;
  const { root, created } = makeRoot(parent);
  const project = path.join(root, "project");

  const remove = () => rmSync(root, { recursive: true, force: true });
  return {
    project,
    commit() {
      if (state !== "absent") {
        const report = mergeInto(project, directory, path.join(root, "replaced"));
        remove();
        return report;
      }
      renameSync(project, directory);
      remove();
      return NOTHING_THERE;
    },
    discard() {
      remove();
      if (created !== undefined) {
        removeEmpty(parent, created);
      }
    },
  };
}

function makeRoot(parent: string): { root: string; created: string | undefined } {
  let created: string | undefined;
  try {
    created = mkdirSync(parent, { recursive: true });
    return { root: mkdtempSync(path.join(parent, ".create-mcp-auth0-server-")), created };
  } catch (error) {
    if (created !== undefined) {
      removeEmpty(parent, created);
    }
    throw new CommandError(`Nothing can be written to ${parent}: ${(error as Error).message}`, 1, { cause: error });
  }
}

/** Removes the folders from `last` up to `first`, as long as nothing is in them. */
function removeEmpty(last: string, first: string): void {
  let directory = last;
  while (existsSync(directory)) {
    try {
      rmdirSync(directory);
    } catch {
      return;
    }
    if (directory === first) {
      return;
    }
    directory = path.dirname(directory);
  }
}
