import path from "node:path";

/** Packages of the engine that our own stand in for; each says why. */
const SHIMS = {
  epicfail: "epicfail",
  gitconfig: "gitconfig",
  globby: "globby",
  handlebars: "handlebars",
  "license.js": "license",
  slash: "slash",
  "yargs-interactive": "yargs-interactive",
};

/** CommonJS, since the engine asks for `require.main`; one file, whose parts start when they are first needed. */
export function bundleOptions({ here, outfile, version, settings }) {
  return {
    absWorkingDir: here,
    entryPoints: ["src/bin.ts"],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    legalComments: "none",
    banner: { js: "#!/usr/bin/env node" },
    alias: Object.fromEntries(
      Object.entries(SHIMS).map(([name, file]) => [name, path.join(here, "src/shims", `${file}.ts`)]),
    ),
    define: { VERSION: JSON.stringify(version), SETTINGS: JSON.stringify(settings) },
    metafile: true,
    logLevel: "warning",
  };
}
