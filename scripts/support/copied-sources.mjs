import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Sources that a package has a copy of, by where the copy is: dev-auth0 and create-mcp-auth0-server are published on
 * their own and don't depend on mcp-env-auth.
 *
 * @type {Readonly<Record<string, string>>}
 */
const ORIGINALS = {
  "packages/create-mcp-auth0-server/src/nearest.ts": "packages/mcp-env-auth/src/lib/nearest.ts",
  "packages/dev-auth0/src/html.ts": "packages/mcp-env-auth/src/pages/html.ts",
};

const root = new URL("../../", import.meta.url);

/** What each copy is to contain. `file` is its absolute path. */
export const copiedSources = Object.entries(ORIGINALS).map(([copy, original]) => ({
  file: fileURLToPath(new URL(copy, root)),
  text: `// A copy of ${original}, which \`node scripts/generate-docs.mjs\` writes.\n\n${readFileSync(new URL(original, root), "utf8")}`,
}));
