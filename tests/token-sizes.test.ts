import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { measureTokenSizes, PAGE, readTokenSizes } from "../scripts/token-sizes.mjs";

describe("the table of token sizes in docs/reliability.md", async () => {
  const written = readTokenSizes(readFileSync(PAGE, "utf8"));
  const measured = await measureTokenSizes();

  it("has a line for each case", () => {
    expect(written.map(({ what }) => what)).toEqual(measured.map(({ what }) => what));
  });

  it.each(measured)("is true for $what", (sizes) => {
    const line = written.find(({ what }) => what === sizes.what);
    // Ids and compression libraries differ from run to run by a few characters.
    for (const name of ["provider", "access", "refresh", "reference"] as const) {
      const ratio = (line?.[name] ?? 0) / sizes[name];
      expect(Math.abs(ratio - 1), `${name}: run node scripts/token-sizes.mjs --write`).toBeLessThan(0.03);
    }
  });

  it.each(measured)("promises references of under 300 characters, and does for $what", ({ reference }) => {
    expect(reference).toBeLessThan(300);
  });

  it("has sealed tokens that fit into Windows' 1,280 characters with 20 permissions, and into a header with 200", () => {
    const accessWith = (name: string) => measured.find(({ what }) => what === name)?.access;
    expect(accessWith("20 permissions")).toBeLessThan(1280);
    expect(accessWith("200 permissions")).toBeLessThan(7500);
  });
});
