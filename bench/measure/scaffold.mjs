import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CREATE_COMMAND } from "../../scripts/support/scaffold.mjs";

/** @import { Sample } from "../report/samples.mjs" */

export const SCAFFOLD = "A new project";

/**
 * Measures how long create-mcp-auth0-server takes to write a project, without the installation of its packages.
 *
 * @param {number} round
 * @returns {Promise<Sample[]>}
 */
export async function measureScaffold(round) {
  const folder = mkdtempSync(join(tmpdir(), "bench-scaffold-"));
  try {
    const startedAt = performance.now();
    execFileSync(process.execPath, [CREATE_COMMAND, "my-app", "--yes", "--no-install", "--no-git"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const milliseconds = performance.now() - startedAt;
    return [{ subject: "create-mcp-auth0-server", what: SCAFFOLD, round, values: { milliseconds } }];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
