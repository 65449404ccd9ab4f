// npm run test:machine: the tests that need more than Node and npm. They fail where a program is missing. Arguments go to vitest.
import { installPrograms } from "./support/programs.mjs";
import { setup } from "./support/setup.mjs";
import { runVitest } from "./support/vitest.mjs";

setup();
await installPrograms();
process.exitCode = runVitest(["--config", "vitest.machine.config.ts", ...process.argv.slice(2)]);
