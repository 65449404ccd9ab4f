import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** All modules that `entry` imports at once, directly or not; not those that it imports when they are needed. */
function importedAtOnce(entry: URL, seen = new Set<string>()): ReadonlySet<string> {
  const source = readFileSync(entry, "utf8");
  for (const [, specifier = ""] of source.matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gms)) {
    const own = specifier.startsWith(".");
    const name = own ? new URL(specifier, entry).href : specifier;
    if (seen.has(name)) {
      continue;
    }
    seen.add(name);
    if (own) {
      importedAtOnce(new URL(name), seen);
    }
  }
  return seen;
}

describe("the command", () => {
  it("starts quickly: what a command needs is loaded when it runs", () => {
    const modules = [...importedAtOnce(new URL("./main.ts", import.meta.url))];
    expect(modules.filter((name) => name.endsWith("/cli/commands/doctor-command.ts"))).toHaveLength(1);
    expect(modules.filter((name) => !name.startsWith("file:") && !name.startsWith("node:"))).toEqual([]);
  });
});
