import { expect, it } from "vitest";
import { builtInProviders } from "./built-in-providers.ts";
import { providerCatalog } from "./provider-catalog.ts";

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
