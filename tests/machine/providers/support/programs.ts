import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../../../scripts/support/setup.mjs";

/** A folder of this project that keeps what is installed for the provider `name`. */
export const folderOf = (name: string) => path.join(root, ".cache/programs", name);

/**
 * Runs `install` for the provider `name` unless that was done before, with the same pins.
 *
 * @param pins The files that say what is installed.
 * @throws {Error} when it can't be installed. Nothing is skipped then.
 */
export async function installOnce(
  name: string,
  pins: readonly (URL | string)[],
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const pin of pins) {
    hash.update(await readFile(pin));
  }
  const wanted = hash.digest("hex");
  const folder = folderOf(name);
  const stamp = path.join(folder, ".installed");
  if ((await readFile(stamp, "utf8").catch(() => undefined)) === wanted) {
    return folder;
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await install(folder);
  await writeFile(stamp, wanted);
  return folder;
}

/**
 * Runs a program of the machine to its end, with the machine's own environment: it uses the user's usual caches.
 *
 * @throws {Error} with all that it wrote, when it can't be run or fails.
 */
export function runTool(
  program: string,
  args: readonly string[],
  options: { cwd: string | URL; env?: NodeJS.ProcessEnv },
): Promise<void> {
  const { cwd, env } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: typeof cwd === "string" ? cwd : fileURLToPath(cwd),
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const command = `${program} ${args.join(" ")}`;
    child.once("error", (error) => reject(new Error(`${command} can't be run: ${error.message}`)));
    child.once("close", (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`${command} failed (${code}):\n${output}`));
      }
    });
  });
}
