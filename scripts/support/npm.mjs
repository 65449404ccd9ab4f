import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * npm or npx as a program that starts without a shell: on Windows its command is a batch file, which can't.
 *
 * @param {"npm" | "npx"} name
 * @returns {[program: string, ...args: string[]]}
 */
export function npmCommand(name) {
  const folders = [
    dirname(process.env.npm_execpath ?? ""),
    join(dirname(process.execPath), "node_modules/npm/bin"),
    join(dirname(process.execPath), "../lib/node_modules/npm/bin"),
  ];
  const script = folders.map((folder) => join(folder, `${name}-cli.js`)).find((path) => existsSync(path));
  return script === undefined ? [name] : [process.execPath, script];
}
