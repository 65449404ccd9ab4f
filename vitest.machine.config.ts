import { defineConfig } from "vitest/config";

/** Tests that need programs beyond Node.js, such as redis-server. They fail where those are missing. */
export default defineConfig({
  test: {
    name: "machine",
    include: ["tests/machine/**/*.test.ts"],
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
