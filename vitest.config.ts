import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** On a machine that others use too, a test that talks to servers may miss its moment once; twice is a failure. */
const retry = process.env.CI ? 1 : 0;

/**
 * Tests wait for processes and timers more than they compute, and vitest's default is a core fewer than there are. A
 * worker keeps its modules from file to file: to load them anew for each took a third of the time. So a test that
 * changes something global puts it back.
 */
const speed = { maxWorkers: availableParallelism() + 1, isolate: false };

/** What they set, such as OpenTelemetry's providers, a process keeps until it ends. */
const OF_ONE_PROCESS = ["tests/telemetry*.test.ts"];

/** Unit tests are of the sources, whatever was built. */
const resolve = {
  alias: {
    "mcp-env-auth/providers": new URL("./packages/mcp-env-auth/src/providers/entry.ts", import.meta.url).pathname,
    "mcp-env-auth/testing": new URL("./packages/mcp-env-auth/src/test-server.ts", import.meta.url).pathname,
    "mcp-env-auth": new URL("./packages/mcp-env-auth/src/index.ts", import.meta.url).pathname,
    "dev-auth0": new URL("./packages/dev-auth0/src/index.ts", import.meta.url).pathname,
  },
};

/** What a test waits for comes at once, or late on a busy machine; vitest's default is one second. */
const waits = { expect: { poll: { timeout: 20_000 } } };

const unit = { ...speed, ...waits, retry, testTimeout: 30_000, hookTimeout: 30_000 };
const endToEnd = { ...speed, ...waits, retry, testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    ...speed,
    projects: [
      {
        resolve,
        test: {
          ...unit,
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "bench/**/*.test.ts", "scripts/**/*.test.ts"],
        },
      },
      {
        resolve,
        // The template's server runs when it is imported, and so once in a process.
        test: { ...unit, isolate: true, name: "template", include: ["templates/*/src/**/*.test.ts"] },
      },
      {
        test: {
          ...endToEnd,
          name: "end-to-end",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/machine/**", ...OF_ONE_PROCESS],
        },
      },
      { test: { ...endToEnd, isolate: true, name: "of one process", include: OF_ONE_PROCESS } },
    ],
  },
});
