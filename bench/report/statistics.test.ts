import { expect, it } from "vitest";
import { median, rotate } from "./statistics.mjs";

it("takes the value in the middle, whatever the order", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([100, 9, 10, 2])).toBe(9.5);
  expect(median([7])).toBe(7);
});

it("begins the list at another place in each round", () => {
  const list = ["a", "b", "c"];
  expect(rotate(list, 0)).toEqual(list);
  expect(rotate(list, 1)).toEqual(["b", "c", "a"]);
  expect(rotate(list, 5)).toEqual(["c", "a", "b"]);
  expect(rotate([], 4)).toEqual([]);
});
