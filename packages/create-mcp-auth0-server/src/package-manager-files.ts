import { existsSync } from "node:fs";
import path from "node:path";
import type { Answers } from "./answers.ts";

/** Build scripts that dependencies come with and work without; pnpm refuses to install before each is decided on. */
const PNPM_WORKSPACE = `# esbuild works without its install script.
allowBuilds:
  esbuild: false
`;

const YARN_SETTINGS = `nodeLinker: node-modules
`;

/**
 * What a package manager needs in the project beside package.json: pnpm a verdict on build scripts, Yarn 2 and later a
 * lockfile of the project's own (else it takes a project further up for the root) and a node_modules folder.
 */
export function packageManagerFiles({ packageManager, project }: Answers): ReadonlyMap<string, string> {
  const { name, major = 1 } = packageManager;
  if (name === "pnpm" && !isInsideWorkspace(project.directory)) {
    return new Map([["pnpm-workspace.yaml", PNPM_WORKSPACE]]);
  }
  if (name === "yarn" && major >= 2) {
    return new Map([
      [".yarnrc.yml", YARN_SETTINGS],
      ["yarn.lock", ""],
    ]);
  }
  return new Map();
}

function isInsideWorkspace(directory: string): boolean {
  const parent = path.dirname(directory);
  if (parent === directory) {
    return false;
  }
  return existsSync(path.join(parent, "pnpm-workspace.yaml")) || isInsideWorkspace(parent);
}
