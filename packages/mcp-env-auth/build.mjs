// Bundles the sources into few files: a start would spend a third of its time on finding and reading hundreds. What the
// package depends on stays outside, so that a fix of it needs no release of ours. Runs after `tsc -b`.
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

/**
 * What a start imports, one after the other. Each becomes one file, with all that its modules import and those before
 * it do not: nothing is loaded before it is needed, and nothing is scattered over many files.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const STAGES = {
  index: ["index.ts"],
  // What the declarations of providers are composed of, each of which is a file of its own.
  kinds: [
    "providers/fields/development-only.ts",
    "providers/fields/pkce-field.ts",
    "providers/fields/resource-fields.ts",
    "providers/fields/self-hosted-fields.ts",
    "providers/kinds/proxy-settings.ts",
    "providers/kinds/proxy.ts",
    "providers/kinds/remote-jwt-issuer.ts",
    "providers/fields/remote-fields.ts",
    "upstream/introspection-verifier.ts",
    "upstream/userinfo-verifier.ts",
    "upstream/verification-cache.ts",
    "upstream/verification-keys.ts",
  ],
  jwts: ["upstream/jwts.ts"],
  assembly: ["server/assembly.ts"],
  "mcp-calls": ["server/mcp-calls.ts"],
  proxy: ["providers/kinds/proxy-authentication.ts"],
  upstream: ["providers/kinds/oidc-upstream.ts"],
};

const root = fileURLToPath(new URL(".", import.meta.url));

// A module that moved would end up in files of its own, and nothing but the start would notice.
const gone = Object.values(STAGES)
  .flat()
  .filter((module) => !existsSync(join(root, "src", module)));
if (gone.length > 0) {
  throw new Error(`build.mjs lists modules that don't exist: ${gone.join(", ")}. Correct STAGES.`);
}

const ENTRIES = {
  index: "src/index.ts",
  providers: "src/providers/entry.ts",
  sdk: "src/sdk/handler-tools.ts",
  testing: "src/test-server.ts",
};

await build({
  cwd: root,
  input: { ...ENTRIES, cli: "src/cli/main.ts", "for-bundlers/builtin-require": "src/builtin-require.ts" },
  external: (id) => !/^(?:\.|src\/)/.test(id) && !isAbsolute(id),
  platform: "node",
  transform: { target: "node20.19" },
  output: {
    dir: "dist/bundle",
    cleanDir: true,
    format: "esm",
    // Those that bundlers read.
    comments: { legal: false, jsdoc: false, annotation: true },
    sourcemap: true,
    // The sources are in the package.
    sourcemapExcludeSources: true,
    codeSplitting: {
      groups: Object.entries(STAGES).map(([name, modules], index) => ({
        name,
        test: (id) => modules.some((module) => id === join(root, "src", module)),
        priority: Object.keys(STAGES).length - index,
      })),
    },
  },
});

// The entries that bundlers take instead: what has to run before the first package does comes first.
await mkdir(join(root, "dist/bundle/for-bundlers"), { recursive: true });
for (const name of Object.keys(ENTRIES)) {
  const lines = [`import "./builtin-require.js";`, `export * from "../${name}.js";`, ""];
  await writeFile(join(root, "dist/bundle/for-bundlers", `${name}.js`), lines.join("\n"));
}
