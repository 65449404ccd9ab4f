import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { policyJsonSchema, SCHEMA_FILE } from "./policy-file-schema.ts";

it("the published JSON Schema is what the server checks (node scripts/generate-docs.mjs writes it)", () => {
  const published = readFileSync(new URL(`../../${SCHEMA_FILE}`, import.meta.url), "utf8");
  expect(published).toBe(policyJsonSchema());
});
