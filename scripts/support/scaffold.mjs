import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { OWN_PACKAGES, pack } from "./pack.mjs";
import { root } from "./setup.mjs";

/** What `npm create mcp-auth0-server` runs. */
export const CREATE_COMMAND = join(root, "packages/create-mcp-auth0-server/dist/create-mcp-auth0-server.cjs");

const TEMPLATES = ["weather", "minimal", "api"];

/** @typedef {{ dependencies?: Record<string, string>, devDependencies?: Record<string, string> }} Manifest */

/**
 * Creates a project with the built command, and gives it what an installation would, with no network: our packages from
 * their tarballs, and all others as the workspace has them.
 *
 * @param {string} name Of the project, and of its folder.
 * @param {readonly string[]} args For the command.
 * @returns {{ folder: string, output: string, remove(): void }} `output`: what the command said.
 */
export function scaffoldProject(name, args) {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), "mcp-auth0-")));
  const remove = () => rmSync(parent, { recursive: true, force: true });
  try {
    const command = [CREATE_COMMAND, name, "--yes", "--no-install", "--no-git", ...args];
    const output = execFileSync(process.execPath, command, { cwd: parent, encoding: "utf8", stdio: "pipe" });
    const folder = join(parent, name);
    installDependencies(folder);
    return { folder, output, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** @param {string} folder Of a project like the template. */
export function installDependencies(folder) {
  const modules = join(folder, "node_modules");
  for (const name of OWN_PACKAGES) {
    unpack(name, join(modules, name));
  }
  for (const template of TEMPLATES) {
    linkAll(modules, readManifest(folder), join(root, "templates", template));
  }
  for (const name of OWN_PACKAGES) {
    const { dependencies = {} } = readManifest(join(modules, name));
    linkAll(modules, { dependencies }, join(root, "packages", name));
  }
}

/**
 * Unpacks what would be published.
 *
 * @param {string} name
 * @param {string} target
 */
function unpack(name, target) {
  mkdirSync(target, { recursive: true });
  const tarball = pack(name, target);
  execFileSync("tar", ["-xzf", tarball, "--strip-components=1"], { cwd: target });
  rmSync(tarball);
}

/**
 * @param {string} modules
 * @param {Manifest} manifest
 * @param {string} from A package of the workspace that has the same dependencies.
 */
function linkAll(modules, { dependencies, devDependencies }, from) {
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    const link = join(modules, name);
    const target = join(from, "node_modules", name);
    if (existsSync(link) || !existsSync(target)) {
      continue;
    }
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(target), link, "junction");
  }
}

/**
 * @param {string} folder
 * @returns {Manifest}
 */
function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
