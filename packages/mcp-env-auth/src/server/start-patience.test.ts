import { expect, it } from "vitest";
import { startPatience } from "./assembly.ts";

it("waits two minutes where nobody watches the start, and not at all on a terminal, unless a setting says otherwise", () => {
  expect(startPatience(undefined, {})).toBe(120);
  expect(startPatience(undefined, { isTTY: true })).toBe(0);
  expect(startPatience(30, { isTTY: true })).toBe(30);
  expect(startPatience(0, { isTTY: false })).toBe(0);
});
