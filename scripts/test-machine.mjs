// npm run test:machine: the tests that need more than Node and npm. They fail where a program is missing. Arguments go to vitest.
import { setup } from "./support/setup.mjs";
import { runVitest } from "./support/vitest.mjs";

setup();
process.exitCode = runVitest(["--config", "vitest.machine.config.ts", ...process.argv.slice(2)]);
