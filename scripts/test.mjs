// npm test: builds, lints, checks the types of the tests, and runs them. Arguments go to vitest.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool, setup } from "./support/setup.mjs";

setup();

const checks = [
  { what: "lint", script: "node_modules/@biomejs/biome/bin/biome", args: ["check", "--log-level=warn"] },
  { what: "types of the tests", script: "node_modules/typescript/bin/tsc", args: ["-p", "tsconfig.tests.json"] },
];
for (const { what, script, args } of checks) {
  console.log(`Checking ${what} …`);
  if (runTool(script, args) !== 0) process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "test-report-"));
const report = join(folder, "report.json");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
const exitCode = runTool("node_modules/vitest/vitest.mjs", ["run", ...reporters, ...process.argv.slice(2)]);
try {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
  console.log(`${numPassedTests} passed, ${numFailedTests + countBrokenFiles(testResults)} failed`);
} catch {
  console.error("vitest ended without a report; its output above says why.");
}
rmSync(folder, { recursive: true, force: true });
process.exitCode = exitCode;

/**
 * Files that failed outside their tests, as when they can't be loaded.
 *
 * @param {readonly { status: string, assertionResults: readonly { status: string }[] }[]} files
 */
function countBrokenFiles(files) {
  return files.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  ).length;
}
