import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { listProviders, updateCatalog, updateExports } from "../../../../scripts/support/provider-files.mjs";
import { builtInProviders } from "./built-in-providers.ts";
import { providerCatalog } from "./provider-catalog.ts";

const read = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8");

// What to do when one of these fails: npm run build, then node scripts/generate-docs.mjs
it("the catalogue and the exports are those that the list of providers gives", () => {
  const listed = listProviders(builtInProviders, read("configuration/built-in-providers.ts"));
  const catalog = read("configuration/provider-catalog.ts");
  const entry = read("providers/entry.ts");
  expect(catalog).toBe(updateCatalog(catalog, listed));
  expect(entry).toBe(updateExports(entry, listed, read("index.ts")));
});

it("every provider can be imported, from the package or from its entry for providers", async () => {
  const exported = { ...(await import("../index.ts")), ...(await import("../providers/entry.ts")) };
  expect(Object.values(exported)).toEqual(expect.arrayContaining([...builtInProviders]));
});

it("the catalogue says of every provider what its declaration says", async () => {
  const listed = providerCatalog.map(({ load: _, ...names }) => names);
  expect(listed).toEqual(
    builtInProviders.map(({ declaration: { aliases, classPath, prefix, title } }) => ({
      aliases,
      classPath,
      prefix,
      title,
    })),
  );
  expect(await Promise.all(providerCatalog.map(({ load }) => load()))).toEqual(builtInProviders);
});
