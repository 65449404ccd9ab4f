import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** These are compiled with all that they import. */
const WEEKLY = ["tests/machine/providers/hydra.test.ts", "tests/machine/clients/rmcp.test.ts"];

/** Tests that need programs beyond Node.js, such as redis-server. They fail where those are missing. */
export default defineConfig({
  test: {
    name: "machine",
    // These mostly wait for the programs that they run.
    maxWorkers: availableParallelism() + 1,
    include: ["tests/machine/**/*.test.ts"],
    exclude: process.env.MACHINE_TESTS === "all" ? [] : WEEKLY,
    retry: process.env.CI ? 1 : 0,
    expect: { poll: { timeout: 20_000 } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
