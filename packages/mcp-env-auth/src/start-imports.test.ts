import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const SRC = import.meta.dirname;

/** What is loaded before the first line of a server runs: the packages that `file` imports, itself or through others. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const imports = [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "([^"]+)";/gm)].map(
    ([, from = ""]) => from,
  );
  return new Set(
    imports.flatMap((from) => (from.startsWith(".") ? [...packagesOf(join(dirname(file), from), seen)] : [from])),
  );
}

it("a start loads nothing that the first call does without", () => {
  const loaded = [...packagesOf(join(SRC, "index.ts"))].filter((name) => !name.startsWith("node:")).sort();
  expect(loaded).toEqual(["@modelcontextprotocol/server", "envalid", "helmet", "jose", "openid-client", "pino", "zod"]);
});
