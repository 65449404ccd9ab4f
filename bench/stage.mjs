import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDevAuth0 } from "dev-auth0";
import { takeCores } from "./machine/cores.mjs";
import { givePriorityBack, takePriority } from "./machine/priority.mjs";

/**
 * @import { DevAuth0 } from "dev-auth0"
 * @import { Cores } from "./machine/cores.mjs"
 *
 * @typedef {object} Stage What all servers of a run have in common.
 * @property {Cores} cores
 * @property {boolean} priority Whether what is measured comes before other work on the machine.
 * @property {DevAuth0} auth0
 * @property {string} home Of programs that keep files.
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ priority: boolean }} options
 * @returns {Promise<Stage>}
 */
export async function openStage(options) {
  const cores = takeCores();
  const home = mkdtempSync(join(tmpdir(), "bench-"));
  // Names and secrets are as long as Auth0's: the servers derive keys from them.
  const application = { clientId: "b".repeat(32), clientSecret: "s".repeat(64), name: "bench" };
  const auth0 = await startDevAuth0({ applications: [{ ...application, type: "regular_web" }] });
  const priority = options.priority && takePriority();
  return {
    ...{ cores, auth0, home, priority },
    async close() {
      if (priority) {
        givePriorityBack();
      }
      await auth0.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
