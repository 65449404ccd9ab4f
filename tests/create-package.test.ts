import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listFiles } from "../packages/create-mcp-auth0-server/src/template.ts";
import {
  type PackedScaffolder,
  packScaffolder,
  repository,
  runNode,
  temporaryDirectory,
} from "./support/scaffolder.ts";

const DIST = path.join(repository, "packages/create-mcp-auth0-server/dist");
const TEMPLATE = path.join(repository, "templates/weather");

interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: unknown;
}

let packed: PackedScaffolder;

beforeAll(() => {
  packed = packScaffolder();
});

afterAll(() => packed.remove());

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
}

/** The folders of the packages that the bundle was made from. */
function bundledFolders(): string[] {
  const { inputs } = JSON.parse(readFileSync(path.join(DIST, "metafile.json"), "utf8")) as { inputs: object };
  const folders = Object.keys(inputs).flatMap(
    (input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? [],
  );
  return [...new Set(folders)].map((folder) => path.resolve(DIST, "..", folder));
}

describe("the bundle", () => {
  it("holds the engine, and nothing under a licence that asks for more than a notice", () => {
    const manifests = bundledFolders().map(readManifest);
    expect(manifests.map(({ name }) => name)).toContain("create-create-app");
    for (const { name, license } of manifests) {
      expect(license, name).toMatch(/^(0BSD|Apache-2\.0|BSD-[23]-Clause|ISC|MIT)$/);
    }
  });

  it("holds none of the packages that shims stand in for", () => {
    const names = bundledFolders().map((folder) => readManifest(folder).name);
    for (const name of ["license.js", "epicfail", "gitconfig", "globby", "handlebars", "slash", "yargs-interactive"]) {
      expect(names).not.toContain(name);
    }
    expect(readFileSync(packed.command, "utf8")).not.toMatch(/GNU GENERAL PUBLIC LICENSE/i);
  });

  it("comes with a notice for each package in it", () => {
    const notices = readFileSync(path.join(packed.folder, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const { name, license } of bundledFolders().map(readManifest)) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(${license}\\)\\n\\n\\S`, "m"));
    }
  });

  it("asks for nothing heavy to answer --help and --version", async () => {
    const directory = temporaryDirectory();
    const probe = path.join(packed.folder, "probe.cjs");
    execFileSync(process.execPath, [
      "-e",
      `require("fs").writeFileSync(${JSON.stringify(probe)}, ${JSON.stringify(PROBE)})`,
    ]);
    for (const flag of ["--help", "--version"]) {
      const { code, stderr } = await runNode(probe, [flag], { cwd: directory });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
  });
});

/** Runs the command and prints which of the modules that only prompts and child processes need were loaded by it. */
const PROBE = `
const before = new Set(process.moduleLoadList);
process.on("exit", () => {
  const loaded = process.moduleLoadList.filter((name) => !before.has(name));
  const heavy = loaded.filter((name) => /NativeModule (child_process|readline|crypto|undici.*)$/.test(name));
  if (heavy.length > 0) console.error(heavy.join(" "));
});
require("./dist/create-mcp-auth0-server.cjs");
`;

describe("the package", () => {
  it("is small, needs no other, and has one command of its own name", () => {
    expect(statSync(packed.tarball).size).toBeLessThan(150_000);
    const manifest = readManifest(packed.folder);
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.bin).toEqual({ "create-mcp-auth0-server": "dist/create-mcp-auth0-server.cjs" });
  });

  it("holds the template as git has it, and nothing more", () => {
    const tracked = execFileSync("git", ["ls-files"], { cwd: TEMPLATE, encoding: "utf8" }).trim().split("\n");
    const shipped = listFiles(path.join(packed.folder, "dist/templates/weather")).map((file) =>
      file.replace(/(^|\/)(gitignore|npmrc|npmignore)$/, "$1.$2"),
    );
    expect(shipped.sort()).toEqual(tracked.filter((file) => file !== ".env.example").sort());
  });
});
