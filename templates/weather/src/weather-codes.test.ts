import { expect, it } from "vitest";
import { describeWeatherCode } from "./weather-codes.ts";

it.each([
  [0, "Clear sky"],
  [63, "Rain"],
  [99, "Thunderstorm with heavy hail"],
])("puts the WMO code %i into words", (code, words) => {
  expect(describeWeatherCode(code)).toBe(words);
});

it("shows a code that it does not know", () => {
  expect(describeWeatherCode(42)).toBe("Unknown conditions (WMO code 42)");
});
