import { defineConfig } from "vitest/config";

/** On a machine that others use too, a test that talks to processes may miss its moment once; twice is a failure. */
const retry = process.env.CI ? 1 : 0;

export default defineConfig({
  test: {
    projects: [
      {
        resolve: {
          alias: {
            "mcp-env-auth/providers": new URL("./packages/mcp-env-auth/src/providers/index.ts", import.meta.url)
              .pathname,
            "mcp-env-auth": new URL("./packages/mcp-env-auth/src/index.ts", import.meta.url).pathname,
            "dev-auth0": new URL("./packages/dev-auth0/src/index.ts", import.meta.url).pathname,
          },
        },
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "templates/*/src/**/*.test.ts", "bench/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: "end-to-end",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/machine/**"],
          retry,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
