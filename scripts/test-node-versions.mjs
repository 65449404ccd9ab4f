// node scripts/test-node-versions.mjs: what npm test runs, on the other versions of Node that are supported. Arguments go to vitest.
import { npmCommand } from "./support/npm.mjs";
import { installPrograms, NODE_VERSIONS, nodeProgram } from "./support/programs.mjs";
import { setup } from "./support/setup.mjs";
import { runVitest } from "./support/vitest.mjs";

setup();
await installPrograms();
// These Nodes come without an npm: the tests use the one that is there.
const [, npm] = npmCommand("npm");
if (npm !== undefined) process.env.npm_execpath = npm;
for (const version of NODE_VERSIONS) {
  console.log(`On Node ${version} …`);
  const exitCode = runVitest(process.argv.slice(2), nodeProgram(version));
  if (exitCode !== 0) process.exit(exitCode);
}
