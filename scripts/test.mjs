// npm test: builds, lints, checks the types of the tests, and runs them. Arguments go to vitest.
import { runTool, setup } from "./support/setup.mjs";
import { runVitest } from "./support/vitest.mjs";

setup();

const checks = [
  { what: "lint", script: "node_modules/@biomejs/biome/bin/biome", args: ["check", "--log-level=warn"] },
  { what: "types of the tests", script: "node_modules/typescript/bin/tsc", args: ["-p", "tsconfig.tests.json"] },
];
for (const { what, script, args } of checks) {
  console.log(`Checking ${what} …`);
  if (runTool(script, args) !== 0) {
    process.exit(1);
  }
}

process.exitCode = runVitest(process.argv.slice(2));
