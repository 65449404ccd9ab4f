import { describe, expect, it } from "vitest";
import { choosePackageManager, detectPackageManager, installCommand, runCommand } from "./package-manager.ts";

describe("the package manager that started us", () => {
  it.each([
    ["npm/11.19.1 node/v20.20.2 linux x64 workspaces/false", { name: "npm", major: 11 }],
    ["pnpm/12.21.0 npm/? node/v20.20.2 linux x64", { name: "pnpm", major: 12 }],
    ["yarn/1.22.22 npm/? node/v20.20.2 linux x64", { name: "yarn", major: 1 }],
    ["yarn/4.9.1 npm/? node/v20.20.2 linux x64", { name: "yarn", major: 4 }],
    ["bun/1.3.0 npm/? node/v24.3.0 linux x64", { name: "bun", major: 1 }],
    ["cnpm/9.0.0", { name: "npm" }],
    ["", { name: "npm" }],
    [undefined, { name: "npm" }],
  ])("is read from the user agent %j", (agent, expected) => {
    expect(detectPackageManager(agent === undefined ? {} : { npm_config_user_agent: agent })).toEqual(expected);
  });

  it("is started again by the same program", () => {
    const env = { npm_config_user_agent: "yarn/4.9.1", npm_execpath: "/opt/yarn-4.9.1.cjs" };
    expect(choosePackageManager("yarn", env)).toEqual({ name: "yarn", major: 4, program: "/opt/yarn-4.9.1.cjs" });
    expect(choosePackageManager("pnpm", env)).toEqual({ name: "pnpm" });
  });
});

describe("commands to type", () => {
  it.each([
    ["npm", "npm install", "npm run dev", "npm test"],
    ["pnpm", "pnpm install", "pnpm dev", "pnpm test"],
    ["yarn", "yarn install", "yarn dev", "yarn test"],
    ["bun", "bun install", "bun run dev", "bun run test"],
  ] as const)("are those of %s", (name, install, dev, test) => {
    expect([installCommand(name), runCommand(name, "dev"), runCommand(name, "test")]).toEqual([install, dev, test]);
  });
});
