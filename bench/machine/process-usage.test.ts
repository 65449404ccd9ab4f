import { expect, it } from "vitest";
import { cpuSeconds, residentBytes } from "./process-usage.mjs";

it("tells what a process uses, as the process itself does", () => {
  const until = performance.now() + 100;
  while (performance.now() < until) {}
  const { user, system } = process.cpuUsage();
  expect(Math.abs(cpuSeconds(process.pid) - (user + system) / 1e6)).toBeLessThan(0.1);
  const ratio = residentBytes(process.pid) / process.memoryUsage().rss;
  expect(ratio).toBeGreaterThan(0.8);
  expect(ratio).toBeLessThan(1.25);
});
