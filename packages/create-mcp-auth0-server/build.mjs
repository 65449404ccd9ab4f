// Bundles the command into one file, copies the template beside it and writes the notices of what is bundled. Runs
// after the workspace's `tsc -b`.
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleOptions } from "./build/bundle.mjs";
import { readProviderSettings } from "./build/provider-settings.mjs";
import { copyTemplate } from "./build/template.mjs";
import { bundledPackages, renderNotices } from "./build/third-party.mjs";

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
await copyTemplate(path.join(workspace, "templates/weather"), path.join(dist, "templates/weather"), workspace);
