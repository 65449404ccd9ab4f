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
  const isIgnored = createIgnore(await readIfThere(path.join(from, ".gitignore")));
  if (existsSync(path.join(from, ".gitignore")) && !isIgnored(".env", false)) {
    throw new Error("The template's .gitignore does not keep .env out of commits.");
  }
  await copyFolder("", { from, to, isIgnored });
}

async function readIfThere(file) {
  return existsSync(file) ? await readFile(file, "utf8") : "";
}

async function copyFolder(folder, { from, to, isIgnored }) {
  await mkdir(path.join(to, folder), { recursive: true });
  for (const entry of await readdir(path.join(from, folder), { withFileTypes: true })) {
    const name = path.posix.join(folder, entry.name);
    if (NEVER.has(entry.name) || isIgnored(name, entry.isDirectory())) {
      continue;
    }
    if (entry.isDirectory()) {
      await copyFolder(name, { from, to, isIgnored });
      continue;
    }
    if (!entry.isFile()) {
      throw new Error(`The template's ${name} is not a plain file: npm packs no links.`);
    }
    if (Object.values(DOTLESS).includes(entry.name)) {
      throw new Error(`The template's ${name} would become a dotfile when it is installed: rename it.`);
    }
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
