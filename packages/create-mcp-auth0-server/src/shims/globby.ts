// A file of its own: the build puts it in the place of a package.
import { readdir } from "node:fs/promises";
import path from "node:path";

/**
 * Stands in for `globby` in the engine's bundle: every file below `directory`, which is a literal path. The original
 * takes it for a pattern and finds nothing where a folder's name holds a bracket, as in `C:\Users\Jo (Work)`.
 */
export default async function globby(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}
