import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buildFolder, clientFolder, install } from "./journey.ts";

/**
 * Builds the program of a client that is written in Go.
 *
 * @returns its path.
 */
export async function buildGo(name: string): Promise<string> {
  const program = join(await buildFolder(name), "client");
  await install("go", ["build", "-o", program, "."], { cwd: clientFolder(name) });
  return program;
}

/** The version of a module that a client requires, without its `v`. */
export async function goVersion(name: string, module: string): Promise<string> {
  const pins = await readFile(join(clientFolder(name), "go.mod"), "utf8");
  const [, version = ""] = pins.split(`${module} v`);
  return version.split(/\s/)[0] ?? "";
}
