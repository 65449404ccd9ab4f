// node scripts/test-node-versions.mjs: the end-to-end tests on the other supported versions of Node.js. Arguments go to
// vitest, in place of the projects that are run otherwise. Without any, those of telemetry run with the newest
// OpenTelemetry as well.
import { npmCommand } from "./support/npm.mjs";
import { installPrograms, NODE_VERSIONS, nodeProgram } from "./support/programs.mjs";
import { setup } from "./support/setup.mjs";
import { runVitest } from "./support/vitest.mjs";

/** Unit tests run once: what differs between versions is Node.js itself, and whole processes show that. */
const END_TO_END = ["--project", "end-to-end", "--project", "of one process"];

setup();
await installPrograms();
// These Nodes come without an npm: the tests use the one that is there.
const [, npm] = npmCommand("npm");
if (npm !== undefined) {
  process.env.npm_execpath = npm;
}
const given = process.argv.slice(2);
for (const version of NODE_VERSIONS) {
  console.log(`On Node ${version} …`);
  const exitCode = runVitest(given.length > 0 ? given : END_TO_END, nodeProgram(version));
  if (exitCode !== 0) {
    process.exit(exitCode);
  }
}
if (given.length === 0) {
  console.log("With the newest OpenTelemetry, on Node 24 …");
  process.env.NODE_OPTIONS = `--import=${new URL("support/newest-telemetry.mjs", import.meta.url)}`;
  process.exit(runVitest(["--project", "of one process"], nodeProgram("24")));
}
