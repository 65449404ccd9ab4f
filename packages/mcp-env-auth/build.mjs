// Bundles the sources into few files: a start would spend a third of its time on finding and reading hundreds.
// What the package depends on stays outside, so that a fix of it needs no release of ours. Runs after `tsc -b`.
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

/**
 * What a start imports one after the other. Each becomes one file, with all that it imports and none before it does:
 * nothing is loaded before it is needed, and nothing is scattered over many files.
 */
const STAGES = [
  "src/index.ts",
  "src/upstream/jwts.ts",
  "src/server/assembly.ts",
  "src/server/mcp-calls.ts",
  "src/providers/kinds/proxy-authentication.ts",
];

const root = fileURLToPath(new URL(".", import.meta.url));

await build({
  cwd: root,
  input: { index: "src/index.ts", providers: "src/providers/index.ts", cli: "src/cli/main.ts" },
  external: (id) => !/^(?:\.|\/|src\/)/.test(id),
  platform: "node",
  transform: { target: "node20.19" },
  output: {
    dir: "dist/bundle",
    cleanDir: true,
    format: "esm",
    sourcemap: true,
    // The sources are in the package.
    sourcemapExcludeSources: true,
    codeSplitting: {
      groups: STAGES.map((stage, index) => ({
        name: stage.slice(stage.lastIndexOf("/") + 1, -".ts".length),
        test: (id) => id === `${root}${stage}`,
        priority: STAGES.length - index,
      })),
    },
  },
});
