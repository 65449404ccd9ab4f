import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { repository } from "./scaffolder.ts";

/** The chart. */
export const CHART = path.join(repository, "deploy/helm");

/** Values that the chart is rendered with: each is a file of its folder ci. */
export const CHART_CASES = readdirSync(path.join(CHART, "ci")).map((file) => file.replace("-values.yaml", ""));

/** What Helm has rendered for a case, with the digest of the chart in the first line. */
export const renderedFile = (name: string): string => path.join(repository, `tests/fixtures/helm/${name}.yaml`);

/** A digest of every file of the chart. */
export function chartDigest(): string {
  const files = readdirSync(CHART, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(`${path.relative(CHART, file)}\n${readFileSync(file, "utf8")}\n`);
  }
  return hash.digest("hex");
}
