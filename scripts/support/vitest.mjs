import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runTool } from "./setup.mjs";

const RETRIED_TESTS = fileURLToPath(new URL("retried-tests.mjs", import.meta.url));

/**
 * Runs vitest, with its output on the terminal, the tests that had to be repeated, and one line of totals at the end.
 *
 * @param {readonly string[]} args
 * @param {string} [node] The Node to run it on.
 * @returns {number} The exit code.
 */
export function runVitest(args, node) {
  const folder = mkdtempSync(join(tmpdir(), "test-report-"));
  const report = join(folder, "report.json");
  const names = ["default", "json", RETRIED_TESTS].map((name) => `--reporter=${name}`);
  const reporters = [...names, `--outputFile.json=${report}`];
  const exitCode = runTool("node_modules/vitest/vitest.mjs", ["run", ...reporters, ...args], node);
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    const failed = numFailedTests + countBrokenFiles(testResults);
    console.log(`${numPassedTests} passed, ${failed} failed`);
    if (failed === 0 && exitCode !== 0) {
      console.error("No test failed, but errors came from outside the tests. The output above has them.");
    }
  } catch {
    console.error("vitest ended without a report; its output above says why.");
  }
  rmSync(folder, { recursive: true, force: true });
  return exitCode;
}

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
