import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PAGE, readRecords, updatePage } from "../scripts/provider-table.mjs";
import { STEPS, VERIFIERS } from "./machine/providers/support/table.ts";

// What to do when one of these fails: node scripts/provider-table.mjs
describe("docs/tested-providers.md", () => {
  const page = readFileSync(PAGE, "utf8");

  it("shows what the tests against real providers are held to", () => {
    expect(readRecords().length).toBeGreaterThan(0);
    expect(updatePage(page, readRecords())).toBe(page);
  });

  it.each(STEPS)("says what has to work: %s", (step) => {
    expect(page).toContain(`\n| ${step} |`);
  });
});

describe.each(readRecords())("the record of $provider", ({ cells }) => {
  it("has a cell for each verifier and step", () => {
    expect(Object.keys(cells)).toEqual(VERIFIERS);
    for (const row of Object.values(cells)) {
      if (!("notPossible" in row)) {
        expect(Object.keys(row)).toEqual(STEPS);
      }
    }
  });
});
