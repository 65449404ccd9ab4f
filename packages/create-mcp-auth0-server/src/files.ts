import { readdirSync } from "node:fs";
import path from "node:path";

/** Every file below a folder, by its path from there, sorted. Links are not followed. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
    .sort();
}
