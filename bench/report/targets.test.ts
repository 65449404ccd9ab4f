import { expect, it } from "vitest";
import { callCase } from "../measure/calls.mjs";
import type { Sample } from "./samples.mjs";
import { checkTargets } from "./targets.mjs";

const what = callCase({ era: "2026-07-28", tools: 10, connections: 16 });
const sample = (subject: string, cpu: number): Sample => ({ subject, what, round: 1, values: { cpu } });
const FLOOR = "CPU of a call, 2026-07-28, sealed token / floor";

const verdict = (samples: readonly Sample[]) => checkTargets(samples).find(({ title }) => title === FLOOR);

it("meets a target at its limit, and misses it above", () => {
  expect(verdict([sample("floor", 100), sample("ours-sealed", 350)])).toMatchObject({ value: 3.5, met: true });
  expect(verdict([sample("floor", 100), sample("ours-sealed", 351)])).toMatchObject({ value: 3.51, met: false });
});

it("neither meets nor misses what was not measured", () => {
  expect(verdict([sample("floor", 100)])).toMatchObject({ value: undefined, met: undefined });
  expect(checkTargets([]).every(({ met }) => met === undefined)).toBe(true);
});

it("wants no less of what should be much", () => {
  const title = "Calls by CPU time, 2025-11-25, sealed token / npm fastmcp";
  const legacy = callCase({ era: "2025-11-25", tools: 10, connections: 16 });
  const rated = (subject: string, capacity: number) => ({ subject, what: legacy, round: 1, values: { capacity } });
  const result = (ours: number) =>
    checkTargets([rated("ours-sealed", ours), rated("npm-fastmcp", 100)]).find((target) => target.title === title)?.met;
  expect(result(350)).toBe(true);
  expect(result(349)).toBe(false);
});

it("names every target once", () => {
  const titles = checkTargets([]).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});
