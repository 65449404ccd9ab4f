import { defineConfig } from "vitest/config";

/** Milliseconds: a first login takes seconds on a busy machine. */
const TIMEOUT = 60_000;

export default defineConfig({ test: { include: ["src/**/*.test.ts"], testTimeout: TIMEOUT, hookTimeout: TIMEOUT } });
