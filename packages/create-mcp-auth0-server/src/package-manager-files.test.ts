import path from "node:path";
import { describe, expect, it } from "vitest";
import { packageManagerFiles } from "./package-manager-files.ts";
import { temporaryFolder, writeFiles } from "./testing/temporary-folder.ts";

function filesFor(directory: string, packageManager: { name: "npm" | "pnpm" | "yarn" | "bun"; major?: number }) {
  const answers = {
    project: { directory, packageName: "app" },
    template: "weather",
    auth: { kind: "local" },
    baseUrl: "http://localhost:8000",
    scopes: [],
    install: true,
    git: true,
    packageManager,
  } as const;
  return [...packageManagerFiles(answers).keys()];
}

describe("what a package manager needs beside package.json", () => {
  it("is nothing for npm, bun and Yarn 1", () => {
    const folder = temporaryFolder();
    expect(filesFor(folder, { name: "npm" })).toEqual([]);
    expect(filesFor(folder, { name: "bun" })).toEqual([]);
    expect(filesFor(folder, { name: "yarn", major: 1 })).toEqual([]);
  });

  it("is a verdict on build scripts for pnpm, unless the project joins a workspace", () => {
    const folder = temporaryFolder();
    expect(filesFor(path.join(folder, "app"), { name: "pnpm" })).toEqual(["pnpm-workspace.yaml"]);
    writeFiles(folder, { "pnpm-workspace.yaml": "packages: [apps/*]\n" });
    expect(filesFor(path.join(folder, "apps/app"), { name: "pnpm" })).toEqual([]);
  });

  it("is a root of its own and node_modules for Yarn 2 and later", () => {
    expect(filesFor(temporaryFolder(), { name: "yarn", major: 4 })).toEqual([".yarnrc.yml", "yarn.lock"]);
  });
});
