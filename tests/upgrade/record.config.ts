import { defineConfig } from "vitest/config";

/** Runs the recorder, which is not one of the tests: it writes files that must not change. */
export default defineConfig({
  test: {
    name: "record",
    root: new URL("../..", import.meta.url).pathname,
    include: ["tests/upgrade/record.ts"],
    testTimeout: 120_000,
  },
});
