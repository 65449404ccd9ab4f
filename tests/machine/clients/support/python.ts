import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { installOnce, runTool } from "../../providers/support/programs.ts";

/**
 * A Python with the packages that `pins` lists, in an environment of its own.
 *
 * @param name of its folder.
 */
export async function installPython(name: string, pins: URL): Promise<string> {
  const folder = await installOnce(`clients/${name}`, [pins], async (empty) => {
    await runTool("python3", ["-m", "venv", empty], { cwd: empty });
    const args = ["-m", "pip", "install", "--quiet", "--no-deps", "-r", pins.pathname];
    await runTool(join(empty, "bin/python"), args, { cwd: empty });
  });
  return join(folder, "bin/python");
}

/** The version of an installed package. */
export function pythonVersion(python: string, distribution: string): string {
  const script = "import sys; from importlib.metadata import version; print(version(sys.argv[1]))";
  return execFileSync(python, ["-c", script, distribution], { encoding: "utf8" }).trim();
}
