import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { copiedSources } from "../../../scripts/support/copied-sources.mjs";

it.each(copiedSources)("is written by `node scripts/generate-docs.mjs`: $file", ({ file, text }) => {
  expect(readFileSync(file, "utf8")).toBe(text);
});
