import { expect, it } from "vitest";
import { nameVariables } from "./refusal-advice.ts";

it("names each variable that there is once", () => {
  expect(nameVariables("A")).toBe("A");
  expect(nameVariables("A", undefined, "B")).toBe("A and B");
  expect(nameVariables("A", "B", "A", "C")).toBe("A, B and C");
  expect(nameVariables(undefined)).toBe("");
});
