import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = import.meta.dirname;

/** The packages that `file` imports, itself or through others, before its first line runs. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) {
    return new Set();
  }
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const imports = [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "([^"]+)";/gm)].map(
    ([, from = ""]) => from,
  );
  return new Set(
    imports.flatMap((from) => (from.startsWith(".") ? [...packagesOf(join(dirname(file), from), seen)] : [from])),
  );
}

const loadedWith = (file: string) =>
  [...packagesOf(join(SRC, file))].filter((name) => !name.startsWith("node:")).sort();

/** What is loaded before the server listens. */
const BEFORE = ["envalid", "helmet", "pino"];

describe("a start", () => {
  it("loads nothing before it listens that a challenge does without", () => {
    expect(loadedWith("index.ts")).toEqual(BEFORE);
  });

  it.each(readdirSync(join(SRC, "providers")).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")))(
    "loads no more on account of providers/%s",
    (file) => {
      expect(loadedWith(join("providers", file)).filter((name) => !BEFORE.includes(name))).toEqual([]);
    },
  );

  it.each([
    ["server/assembly.ts", ["jose"]],
    ["server/mcp-calls.ts", ["@modelcontextprotocol/server"]],
    ["upstream/jwts.ts", ["jose"]],
    ["providers/kinds/proxy-authentication.ts", ["jose"]],
    ["providers/kinds/oidc-upstream.ts", ["jose"]],
  ])("loads nothing with %s, once it listens, that the first call does without", (file, packages) => {
    expect(loadedWith(file).filter((name) => !BEFORE.includes(name))).toEqual(packages);
  });
});
