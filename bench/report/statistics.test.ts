import { expect, it } from "vitest";
import { median } from "./statistics.mjs";

it("takes the value in the middle, whatever the order", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([100, 9, 10, 2])).toBe(9.5);
  expect(median([7])).toBe(7);
});
