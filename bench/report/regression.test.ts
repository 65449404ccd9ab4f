import { expect, it } from "vitest";
import { describeLoss, ratiosIn, worstLoss } from "./regression.mjs";

const recorded = {
  "ours, modern": { floor: 3, sdk: 0.5 },
  "ours, legacy": { floor: 4, sdk: 0.6 },
};

it("finds no loss in what was recorded", () => {
  expect(worstLoss(recorded, recorded).times).toBe(1);
});

it("finds the case that lost most", () => {
  const measured = { "ours, modern": { floor: 3.3, sdk: 0.55 }, "ours, legacy": { floor: 6, sdk: 0.9 } };
  expect(worstLoss(measured, recorded)).toEqual({ what: "ours, legacy", times: 1.5 });
});

it("takes it for no loss when only one of the others got faster", () => {
  const measured = { ...recorded, "ours, modern": { floor: 6, sdk: 0.5 } };
  expect(worstLoss(measured, recorded).times).toBe(1);
});

it("has no verdict where something that is recorded was not measured", () => {
  expect(worstLoss({ "ours, modern": { floor: 3, sdk: 0.5 } }, recorded)).toEqual({
    what: "ours, legacy",
    times: Number.NaN,
  });
  expect(worstLoss({ ...recorded, "ours, legacy": { floor: 4 } }, recorded).times).toBeNaN();
  expect(worstLoss({}, {}).times).toBeNaN();
});

it("takes ratios of CPU time within rounds", () => {
  const sample = (subject: string, round: number, cpu: number) => ({ subject, round, what: "modern", values: { cpu } });
  const samples = [
    ...[sample("ours", 1, 300), sample("floor", 1, 100), sample("sdk", 1, 600)],
    ...[sample("ours", 2, 500), sample("floor", 2, 100), sample("sdk", 2, 1000)],
  ];
  const ratios = ratiosIn(samples, { subjects: ["ours"], references: ["floor", "sdk"], cases: ["modern"] });
  expect(ratios).toEqual({ "ours, modern": { floor: 4, sdk: 0.5 } });
});

it("says what lost, and how much", () => {
  expect(describeLoss({ what: "ours, legacy", times: 1.5 })).toContain("1.50 times");
});
