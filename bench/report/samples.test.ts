import { expect, it } from "vitest";
import { joinRounds, medianOf, ratioOf, type Sample } from "./samples.mjs";

const sample = (subject: string, round: number, cpu: number, what = "a case"): Sample => ({
  subject,
  what,
  round,
  values: { cpu },
});
const cpu = { what: "a case", value: "cpu" };

it("gives the median over the rounds of one server in one case", () => {
  const samples = [sample("a", 1, 10), sample("a", 2, 30), sample("a", 3, 20), sample("a", 1, 1, "another case")];
  expect(medianOf(samples, "a", "a case", "cpu")).toBe(20);
  expect(medianOf([...samples, sample("b", 1, 500)], "a", "a case", "cpu")).toBe(20);
});

it("has no median of what was not measured", () => {
  expect(medianOf([sample("a", 1, 10)], "b", "a case", "cpu")).toBeUndefined();
  expect(medianOf([sample("a", 1, 10)], "a", "a case", "rate")).toBeUndefined();
});

it("compares within rounds, so that a slow round does not count for one server alone", () => {
  const samples = [
    ...[sample("a", 1, 20), sample("b", 1, 10)],
    ...[sample("a", 2, 200), sample("b", 2, 100)],
    ...[sample("a", 3, 20), sample("b", 3, 10)],
  ];
  expect(ratioOf(samples, cpu, "a", "b")).toBe(2);
});

it("takes the median of the rounds' ratios", () => {
  const samples = [
    ...[sample("a", 1, 30), sample("b", 1, 10)],
    ...[sample("a", 2, 10), sample("b", 2, 10)],
    ...[sample("a", 3, 900), sample("b", 3, 10)],
  ];
  expect(ratioOf(samples, cpu, "a", "b")).toBe(3);
});

it("leaves out rounds that have only one of the two, and has no ratio without a round of both", () => {
  const samples = [sample("a", 1, 30), sample("a", 2, 10), sample("b", 2, 5)];
  expect(ratioOf(samples, cpu, "a", "b")).toBe(2);
  expect(ratioOf(samples.slice(0, 1), cpu, "a", "b")).toBeUndefined();
});

it("pairs no round of one run with one of another", () => {
  const runs = [[sample("a", 1, 20), sample("b", 1, 10), sample("a", 2, 20)], [], [sample("b", 1, 1)]];
  const joined = joinRounds(runs);
  expect(joined.map(({ round }) => round)).toEqual([1, 1, 2, 3]);
  expect(ratioOf(joined, cpu, "a", "b")).toBe(2);
});
