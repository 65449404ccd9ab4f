// Bundles what tsc compiled into few files: a start would spend a third of its time on finding and reading hundreds.
// What the package depends on stays outside, so that a fix of it needs no release of ours. Runs after `tsc -b`.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: { index: "src/index.ts", providers: "src/providers/index.ts", cli: "src/cli/main.ts" },
  outdir: "dist/bundle",
  bundle: true,
  // One copy of what the entries share, and what is imported when it is needed stays apart.
  splitting: true,
  packages: "external",
  format: "esm",
  platform: "node",
  target: "node20.19",
  sourcemap: true,
  // The sources are in the package.
  sourcesContent: false,
  logLevel: "warning",
});
