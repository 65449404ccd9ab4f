import type { PackageManager } from "./package-manager.ts";

/** How an image is built from a project: what has to be copied first, and the two commands that need it. */
export interface ImageCommands {
  readonly copy: readonly string[];
  readonly install: string;
  /** Leaves the dependencies that a running server needs. */
  readonly prune: string;
}

const NPM: ImageCommands = {
  copy: ["package*.json"],
  install: "if [ -f package-lock.json ]; then npm ci --no-audit --no-fund; else npm install --no-audit --no-fund; fi",
  prune: "npm prune --omit=dev --no-audit --no-fund",
};

const YARN_1: ImageCommands = {
  copy: ["package.json", "yarn.lock"],
  install: "yarn install --frozen-lockfile",
  prune: "yarn install --frozen-lockfile --production --ignore-scripts",
};

const YARN: ImageCommands = {
  copy: ["package.json", "yarn.lock", ".yarnrc.yml"],
  install: "corepack enable && corepack yarn install --immutable",
  prune: "corepack yarn workspaces focus --production",
};

const BUN: ImageCommands = {
  copy: ["package.json", "bun.lock"],
  install: "npx --yes bun install --frozen-lockfile",
  prune: "rm -rf node_modules && npx --yes bun install --frozen-lockfile --production",
};

/** pnpm keeps to the major version that the project was created with. */
function pnpm(major: number): ImageCommands {
  const program = `npx --yes pnpm@${major}`;
  return {
    // The settings are not there inside a workspace; a pattern that matches nothing is no error.
    copy: ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml*"],
    install: `${program} install --frozen-lockfile`,
    prune: `CI=true ${program} prune --prod`,
  };
}

/** The lines of a Dockerfile that install by the lockfile of this package manager. */
export function imageCommands({ name, major }: PackageManager): ImageCommands {
  switch (name) {
    case "npm":
      return NPM;
    case "pnpm":
      return pnpm(major ?? PNPM_MAJOR);
    case "yarn":
      return (major ?? 1) >= 2 ? YARN : YARN_1;
    case "bun":
      return BUN;
  }
}

/** The command of a CI job that installs by the lockfile. */
export function ciInstallCommand(packageManager: PackageManager): string {
  return packageManager.name === "npm" ? "npm install --no-audit --no-fund" : imageCommands(packageManager).install;
}

/** The pnpm that a project gets where the one that created it is unknown. */
const PNPM_MAJOR = 12;
