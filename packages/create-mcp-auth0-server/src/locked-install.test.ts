import { describe, expect, it } from "vitest";
import { ciInstallCommand, imageCommands } from "./locked-install.ts";

describe("the commands that install by the lockfile", () => {
  it("are those of Yarn 2 and later, or of Yarn 1", () => {
    expect(imageCommands({ name: "yarn", major: 4 })).toEqual({
      copy: ["package.json", "yarn.lock", ".yarnrc.yml"],
      install: "corepack enable && corepack yarn install --immutable",
      prune: "corepack yarn workspaces focus --production",
    });
    expect(imageCommands({ name: "yarn" }).install).toBe("yarn install --frozen-lockfile");
  });

  it("keep to the pnpm that created the project", () => {
    expect(ciInstallCommand({ name: "pnpm", major: 10 })).toBe("npx --yes pnpm@10 install --frozen-lockfile");
    expect(imageCommands({ name: "pnpm", major: 10 }).prune).toBe("CI=true npx --yes pnpm@10 prune --prod");
  });

  it("do without a lockfile for npm, which a project without an installation lacks", () => {
    expect(ciInstallCommand({ name: "npm" })).toBe("npm install --no-audit --no-fund");
  });
});
