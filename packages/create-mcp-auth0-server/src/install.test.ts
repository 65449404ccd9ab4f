import { chmodSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { installDependencies } from "./install.ts";
import { readFiles, temporaryFolder, writeFiles } from "./testing/temporary-folder.ts";

const RECORD = `require("node:fs").writeFileSync("called.json", JSON.stringify({
  args: process.argv.slice(2), cwd: process.cwd(), npm: Object.keys(process.env).filter((name) => name.startsWith("npm_")).sort(),
}));`;

function called(project: string) {
  return JSON.parse(readFiles(project, ["called.json"])["called.json"] ?? "") as unknown;
}

describe("the installation", () => {
  it("is done by the program that started us, in the project, without what that said of itself", async () => {
    const folder = temporaryFolder();
    const project = path.join(folder, "it's $(here)");
    writeFiles(folder, { "bin dir/npm-cli.js": RECORD, "it's $(here)/package.json": "{}" });
    const program = path.join(folder, "bin dir/npm-cli.js");
    const env = {
      ...withoutNpm(),
      npm_config_registry: "r",
      npm_config_yes: "true",
      npm_package_json: "x",
      npm_lifecycle_event: "npx",
    };
    expect(await installDependencies(project, { name: "npm", program }, env)).toEqual({ ended: "exit", code: 0 });
    expect(called(project)).toEqual({ args: ["install"], cwd: project, npm: ["npm_config_registry"] });
  });

  it("lets Yarn 2 and later write its first lockfile in CI too", async () => {
    const project = temporaryFolder();
    writeFiles(project, { "yarn.cjs": RECORD });
    await installDependencies(
      project,
      { name: "yarn", major: 4, program: path.join(project, "yarn.cjs") },
      process.env,
    );
    expect(called(project)).toMatchObject({ args: ["install", "--no-immutable"] });
  });

  it("finds another package manager by its name", async ({ skip }) => {
    skip(process.platform === "win32", "a shell script");
    const folder = temporaryFolder();
    writeFiles(folder, { "bin/bun": "#!/bin/sh\necho $@ > called.txt\nexit 3\n", "app/package.json": "{}" });
    chmodSync(path.join(folder, "bin/bun"), 0o755);
    const result = await installDependencies(
      path.join(folder, "app"),
      { name: "bun" },
      { PATH: path.join(folder, "bin") },
    );
    expect(result).toEqual({ ended: "exit", code: 3 });
    expect(readFiles(folder, ["app/called.txt"])).toEqual({ "app/called.txt": "install\n" });
  });

  it("says when the package manager is not there", async () => {
    const result = await installDependencies(temporaryFolder(), { name: "pnpm" }, { PATH: temporaryFolder() });
    expect(result).toMatchObject({ ended: "absent", reason: expect.stringContaining("ENOENT") as unknown });
  });
});

function withoutNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith("npm_")));
}
