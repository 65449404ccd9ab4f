import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Removes what tsc wrote for sources that are gone: it leaves that in place, and it would be published.
 *
 * @param {string} folder Of a package whose `src` is compiled to `dist`.
 */
export function removeStaleOutput(folder) {
  const dist = join(folder, "dist");
  if (!existsSync(dist)) {
    return;
  }
  for (const file of readdirSync(dist, { encoding: "utf8", recursive: true })) {
    const [, stem] = /^(.*?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(file) ?? [];
    if (stem !== undefined && !existsSync(join(folder, "src", `${stem}.ts`))) {
      rmSync(join(dist, file));
    }
  }
}
