import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = new URL("../", import.meta.url);
const page = readFileSync(new URL("docs/reliability.md", root), "utf8");
const table = page.slice(page.indexOf("<!-- faults"), page.indexOf("<!-- end of faults"));
const promises = [...table.matchAll(/^\|(.+)\|(.+)\| `(\S+\.test\.ts)`: (.+) \|$/gm)].map(
  ([, fault = "", , file = "", title = ""]) => ({ fault: fault.trim(), file, title }),
);

it("docs/reliability.md names a test for every fault", () => {
  const rows = table.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| **"));
  expect(promises).toHaveLength(rows.length - 1);
  expect(promises.length).toBeGreaterThan(30);
});

it.each(promises)("$file has the test that docs/reliability.md names for: $fault", ({ file, title }) => {
  const source = readFileSync(fileURLToPath(new URL(file, root)), "utf8");
  const titles = [...source.matchAll(/\bit(?:\.each\(\w+\)|\.each\([\s\S]*?\]\s*(?:as const)?\s*\))?\(\s*"([^"]+)"/g)];
  expect(titles.map(([, found]) => found)).toContain(title);
});
