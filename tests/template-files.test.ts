import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository, runNode, temporaryDirectory } from "./support/scaffolder.ts";

const TEMPLATE = path.join(repository, "templates/weather");
const COMMAND = path.join(repository, "packages/create-mcp-auth0-server/dist/create-mcp-auth0-server.cjs");

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: TEMPLATE,
  encoding: "utf8",
})
  .trim()
  .split("\n");

const read = (file: string) => readFileSync(path.join(TEMPLATE, file), "utf8");

describe("the template's .env.example", () => {
  let directory: string;

  beforeAll(async () => {
    directory = temporaryDirectory();
    const args = ["weather", "--local", "--yes", "--no-install", "--no-git"];
    const { code, stderr } = await runNode(COMMAND, args, { cwd: directory });
    expect(code, stderr).toBe(0);
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("is the one that a new project gets, from the provider's declaration", async () => {
    const created = readFileSync(path.join(directory, "weather/.env.example"), "utf8");
    await expect(created).toMatchFileSnapshot(path.join(TEMPLATE, ".env.example"));
  });
});

describe("the template", () => {
  it("carries literal version ranges, and nothing outside its folder", () => {
    const { dependencies, devDependencies } = JSON.parse(read("package.json"));
    for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect(range, name).toMatch(/^\^\d+\.\d+\.\d+$/);
    }
    const tsconfig = JSON.parse(read("tsconfig.json"));
    expect(tsconfig).not.toHaveProperty("extends");
    expect(tsconfig).not.toHaveProperty("references");
    for (const file of tracked) {
      expect(read(file), file).not.toMatch(/\.\.\/(\.\.\/)+(packages|scripts|tests)\//);
    }
  });

  it("holds no placeholder", () => {
    for (const file of tracked) {
      const isExample = file === ".env.example";
      if (!isExample) {
        expect(read(file), file).not.toMatch(/\bTODO\b|\bFIXME\b|YOUR[_-]|<your|changeme/i);
      }
      expect(read(file).replaceAll(/\$\{\{ [\w.]+ \}\}/g, ""), file).not.toContain("{{");
    }
  });

  it("keeps .env out of commits and out of images", () => {
    for (const file of [".gitignore", ".dockerignore"]) {
      expect(read(file).split("\n")).toContain(".env");
    }
  });
});
