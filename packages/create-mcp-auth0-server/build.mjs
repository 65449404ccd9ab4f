// Bundles the command into one file, copies the templates next to it and writes the notices of what is bundled. Runs
// after the workspace's `tsc -b`.
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "./build/bundle.mjs";
import { readProviderSettings } from "./build/provider-settings.mjs";
import { composeTemplate, copyTemplate } from "./build/template.mjs";
import { bundledPackages, renderNotices } from "./build/third-party.mjs";

/** What the other templates take from the weather template. */
const SHARED_FILES = [
  ".cursor/mcp.json",
  ".dockerignore",
  ".editorconfig",
  ".github/dependabot.yml",
  ".github/workflows/ci.yml",
  ".gitignore",
  ".mcp.json",
  ".vscode/mcp.json",
  "Dockerfile",
  "biome.json",
  "scripts/dev.mjs",
  "scripts/end-with-parent.mjs",
  "scripts/local-auth0.mjs",
  "tsconfig.check.json",
  "tsconfig.json",
  "vitest.config.ts",
];

/** What the pages of docs/deploy show, and `--deploy` does not write. */
const NOT_IN_A_PROJECT = new Set(["haproxy", "helm", "path-prefix"]);

const here = path.dirname(fileURLToPath(import.meta.url));
const workspace = path.resolve(here, "../..");
const dist = path.join(here, "dist");
const command = path.join(dist, "create-mcp-auth0-server.cjs");

const { version } = JSON.parse(await readFile(path.join(here, "package.json"), "utf8"));
const settings = await readProviderSettings(workspace);

await mkdir(dist, { recursive: true });
const { metafile } = await build(bundleOptions({ here, outfile: command, version, settings }));
await chmod(command, 0o755);
await writeFile(path.join(dist, "metafile.json"), JSON.stringify(metafile));

const packages = await bundledPackages(metafile, here);
await writeFile(path.join(dist, "THIRD-PARTY-NOTICES.txt"), renderNotices(packages));

await rm(path.join(dist, "templates"), { recursive: true, force: true });
const weather = path.join(workspace, "templates/weather");
await copyTemplate(weather, path.join(dist, "templates/weather"), workspace);
for (const name of ["minimal", "api"]) {
  const own = path.join(workspace, "templates", name);
  await composeTemplate(weather, SHARED_FILES, own, path.join(dist, "templates", name), workspace);
}
for (const name of await readdir(path.join(workspace, "deploy"))) {
  if (!NOT_IN_A_PROJECT.has(name)) {
    await cp(path.join(workspace, "deploy", name), path.join(dist, "templates/deploy", name), { recursive: true });
  }
}
