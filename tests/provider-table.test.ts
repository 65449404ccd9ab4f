import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PAGE, readPages, readRecords, updatePage } from "../scripts/provider-table.mjs";
import { OTHER_WAYS, STEPS, VERIFIERS } from "./machine/providers/support/table.ts";

// What to do when one of these fails: node scripts/provider-table.mjs
describe("docs/providers/README.md", () => {
  const page = readFileSync(PAGE, "utf8");

  it("shows what the tests against real providers are held to", () => {
    expect(readRecords().length).toBeGreaterThan(0);
    expect(updatePage(page, readRecords(), readPages())).toBe(page);
  });

  it("lists every page, with a sentence about it", () => {
    expect(readPages().length).toBeGreaterThan(0);
    for (const { title, summary } of readPages()) {
      expect(title).not.toBe("");
      expect(summary, title).toMatch(/^[A-Z].*\.$/);
    }
  });

  it.each(STEPS)("says what has to work: %s", (step) => {
    expect(page).toContain(`\n| ${step} |`);
  });
});

describe.each(readRecords())("the record of $provider", ({ cells }) => {
  it("has a cell for each verifier and step", () => {
    const others: readonly string[] = OTHER_WAYS;
    expect(Object.keys(cells).filter((name) => !others.includes(name))).toEqual(VERIFIERS);
    for (const row of Object.values(cells)) {
      if (!("notPossible" in row)) {
        expect(Object.keys(row)).toEqual(STEPS);
      }
    }
  });
});
