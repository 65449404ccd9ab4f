import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { createIgnore } from "./ignore.mjs";

/** npm keeps these out of a package under their real names; the command gives them back. */
const DOTLESS = { ".gitignore": "gitignore", ".npmignore": "npmignore", ".npmrc": "npmrc" };

/** Not part of a project, whatever its .gitignore says: these hold secrets, or are made anew for each project. */
const NEVER = new Set([".git", "node_modules", "dist", ".env", ".env.example"]);

/**
 * Copies a template as it will be shipped: what its own .gitignore lets through.
 *
 * @throws Error for what would not survive the way to a user: links, a dotless name of a dotfile, a version range that
 * does not fit the workspace.
 */
export async function copyTemplate(from, to, workspace) {
  await checkRanges(from, workspace);
  await copyFiles(from, to, () => true);
}

/**
 * Copies a template that has only files of its own: with it go those of another template that it shares.
 *
 * @param shared Paths in `base`.
 * @throws Error as `copyTemplate`, and for a shared file that is missing.
 */
export async function composeTemplate(base, shared, from, to, workspace) {
  await checkRanges(from, workspace);
  const missing = shared.find((file) => !existsSync(path.join(base, file)));
  if (missing !== undefined) {
    throw new Error(`${missing} is shared among the templates, and is missing in ${path.basename(base)}.`);
  }
  await copyFiles(base, to, (name) => shared.includes(name));
  await copyFiles(from, to, () => true);
}

async function copyFiles(from, to, isWanted) {
  const isIgnored = createIgnore(await readIfThere(path.join(from, ".gitignore")));
  if (existsSync(path.join(from, ".gitignore")) && !isIgnored(".env", false)) {
    throw new Error("The template's .gitignore does not keep .env out of commits.");
  }
  await copyFolder("", { from, to, isIgnored, isWanted });
}

async function readIfThere(file) {
  return existsSync(file) ? await readFile(file, "utf8") : "";
}

async function copyFolder(folder, { from, to, isIgnored, isWanted }) {
  for (const entry of await readdir(path.join(from, folder), { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (NEVER.has(entry.name) || isIgnored(name, entry.isDirectory())) {
      continue;
    }
    if (entry.isDirectory()) {
      await copyFolder(name, { from, to, isIgnored, isWanted });
      continue;
    }
    if (!entry.isFile()) {
      throw new Error(`The template's ${name} is not a plain file: npm packs no links.`);
    }
    if (Object.values(DOTLESS).includes(entry.name)) {
      throw new Error(`The template's ${name} would become a dotfile when it is installed: rename it.`);
    }
    if (!isWanted(name)) {
      continue;
    }
    await mkdir(path.join(to, folder), { recursive: true });
    await copyFile(path.join(from, name), path.join(to, folder, DOTLESS[entry.name] ?? entry.name));
  }
}

/** The template names our packages by range; a range that the workspace has outgrown would install an old one. */
async function checkRanges(template, workspace) {
  const { dependencies, devDependencies } = await readManifest(template);
  for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (/^(workspace|catalog|file|link):/.test(range)) {
      throw new Error(`The template needs ${name} as ${range}, which works in the workspace only.`);
    }
    if (name !== "mcp-env-auth" && name !== "dev-auth0") {
      continue;
    }
    const { version } = await readManifest(path.join(workspace, "packages", name));
    if (range !== `^${version}`) {
      throw new Error(`The template needs ${name} ${range}; the workspace has ${version}.`);
    }
  }
}

async function readManifest(folder) {
  return JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
}
