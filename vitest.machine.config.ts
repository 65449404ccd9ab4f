import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** These take long to compile, to install or to start, more than CI has room for. */
const WEEKLY = [
  "tests/machine/deploy-walkthrough.test.ts",
  "tests/machine/helm.test.ts",
  "tests/machine/consumer-types.test.ts",
  "tests/machine/schema-libraries.test.ts",
  "tests/machine/providers/hydra.test.ts",
  "tests/machine/providers/keycloak-backchannel.test.ts",
  "tests/machine/clients/chuk-mcp-client-oauth.test.ts",
  "tests/machine/clients/opencode.test.ts",
  "tests/machine/clients/rmcp.test.ts",
];

/** These compare how long the server and a bare one stand still, so nothing else runs at the same time. */
const ALONE = ["tests/machine/floods.test.ts", "tests/machine/floods-behind-proxies.test.ts"];

const common = {
  retry: process.env.CI ? 1 : 0,
  expect: { poll: { timeout: 20_000 } },
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** Tests that need programs beyond Node.js, such as redis-server. They fail where those are missing. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "machine",
          // These mostly wait for the programs that they run.
          maxWorkers: availableParallelism() + 1,
          include: ["tests/machine/**/*.test.ts"],
          exclude: [...ALONE, ...(process.env.MACHINE_TESTS === "all" ? [] : WEEKLY)],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...common, name: "alone", maxWorkers: 1, include: ALONE, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
