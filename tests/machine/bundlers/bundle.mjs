// bundle.mjs PACKAGES BUNDLER FORMAT ENTRY FOLDER: writes server.mjs or server.cjs, with what the bundler does when it
// is only told that this is for Node.js. PACKAGES is the folder with the bundlers. One format of each is minified.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages = "", bundler = "", format = "", entry = "", folder = ""] = process.argv.slice(2);
const load = (/** @type {string} */ name) =>
  import(pathToFileURL(createRequire(join(packages, "package.json")).resolve(name)).href);
const isModule = format === "esm";
const name = isModule ? "server.mjs" : "server.cjs";

/** @type {Record<string, () => Promise<unknown>>} */
const bundlers = {
  async esbuild() {
    const { build } = await load("esbuild");
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: "node",
      format,
      outfile: join(folder, name),
      minify: isModule,
    });
  },
  async rolldown() {
    const { build } = await load("rolldown");
    await build({
      input: entry,
      platform: "node",
      output: { dir: folder, format, entryFileNames: name, minify: isModule },
    });
  },
  async webpack() {
    const { default: webpack } = await load("webpack");
    const output = isModule ? { module: true, library: { type: "module" }, chunkFormat: "module" } : {};
    const configuration = {
      mode: "production",
      target: "node20",
      entry,
      optimization: { minimize: !isModule },
      output: { path: folder, filename: name, ...output },
      ...(isModule && { experiments: { outputModule: true } }),
    };
    await new Promise((resolve, reject) => {
      webpack(configuration, (/** @type {any} */ error, /** @type {any} */ stats) => {
        const problem = error ?? (stats.hasErrors() ? new Error(stats.toString("errors-only")) : undefined);
        problem === undefined || problem === null ? resolve(undefined) : reject(problem);
      });
    });
  },
};
await bundlers[bundler]?.();
