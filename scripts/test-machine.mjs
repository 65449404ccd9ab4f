// npm run test:machine: the tests that need more than Node and npm. They fail where a program is missing. With --all
// also those that take long to install. Other arguments go to vitest.
import { installPrograms } from "./support/programs.mjs";
import { setup } from "./support/setup.mjs";
import { runVitest } from "./support/vitest.mjs";

setup();
await installPrograms();
const args = process.argv.slice(2);
if (args.includes("--all")) {
  process.env.MACHINE_TESTS = "all";
}
process.exitCode = runVitest(["--config", "vitest.machine.config.ts", ...args.filter((arg) => arg !== "--all")]);
