import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { installOnce, runTool } from "../../providers/support/programs.ts";
import { clientFolder } from "./journey.ts";

/**
 * Installs what the package.json and package-lock.json of a client pin.
 *
 * @returns The folder with node_modules.
 */
export function installNpm(name: string): Promise<string> {
  const pins = ["package.json", "package-lock.json"].map((file) => join(clientFolder(name), file));
  return installOnce(`clients/${name}`, pins, async (empty) => {
    for (const pin of pins) {
      await copyFile(pin, join(empty, pin.slice(pin.lastIndexOf("/") + 1)));
    }
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await runTool("npm", args, { cwd: empty });
  });
}

/** The version of an installed package. */
export function npmVersion(folder: string, name: string): Promise<string> {
  return readVersion(join(folder, "node_modules", name, "package.json"));
}

export async function readVersion(manifest: string | URL): Promise<string> {
  return (JSON.parse(await readFile(manifest, "utf8")) as { readonly version: string }).version;
}
