import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PackedManifest, type PackedPackage, PUBLISHED_PACKAGES, packPackage } from "./support/packed-packages.ts";
import { repository } from "./support/scaffolder.ts";

const packages = new Map<string, PackedPackage>();
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "packages-"));
  for (const name of PUBLISHED_PACKAGES) {
    packages.set(name, packPackage(name, directory));
  }
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function packed(name: string): PackedPackage {
  const found = packages.get(name);
  if (found === undefined) {
    throw new Error(`${name} was not packed.`);
  }
  return found;
}

/** Every path that the manifest points to. */
function entries({ exports = {}, bin = {} }: PackedManifest): string[] {
  const targets = Object.values(exports).flatMap((entry) => (typeof entry === "string" ? entry : Object.values(entry)));
  return [...targets, ...Object.values(bin)].map((target) => path.posix.normalize(target));
}

it("all that is in packages/ and not private is published, under one licence and one version", () => {
  const isPrivate = (name: string) =>
    JSON.parse(readFileSync(path.join(repository, "packages", name, "package.json"), "utf8")).private === true;
  const names = readdirSync(path.join(repository, "packages"));
  expect(names.filter((name) => !isPrivate(name)).sort()).toEqual([...PUBLISHED_PACKAGES].sort());
  expect(names.filter(isPrivate)).toEqual(["test-support"]);
  const manifests = [...packages.values()].map(({ manifest }) => manifest);
  expect(new Set(manifests.map(({ version }) => version)).size).toBe(1);
  for (const manifest of manifests) {
    expect(manifest).toMatchObject({ license: "MIT", engines: { node: ">=20.19" } });
    expect(manifest.private).toBeUndefined();
  }
});

describe.each(PUBLISHED_PACKAGES)("the package %s", (name) => {
  it("depends on no private package", () => {
    const { dependencies, peerDependencies, optionalDependencies } = packed(name).manifest;
    const own = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies });
    expect(own).not.toContain("test-support");
  });

  it("has nothing that publint objects to", async () => {
    const { manifest, tarball } = packed(name);
    const { buffer, byteOffset, byteLength } = readFileSync(tarball);
    const content = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    const { messages } = await publint({ pack: { tarball: content }, level: "suggestion", strict: true });
    expect(messages.map((message) => formatMessage(message, { ...manifest }, { color: false }))).toEqual([]);
  });

  it("holds its licence, its README and every file that its manifest points to", () => {
    const { files, manifest, read } = packed(name);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json", ...entries(manifest)]));
    expect(read("LICENSE")).toBe(readFileSync(path.join(repository, "LICENSE"), "utf8"));
    expect(read("README.md")).toContain(`# ${name}\n`);
  });

  it("names its commands as npm writes them, so that a release warns of nothing", () => {
    for (const target of Object.values(packed(name).manifest.bin ?? {})) {
      expect(target).toMatch(/^dist\//);
    }
  });

  it("holds no tests, fixtures, caches or settings", () => {
    const own = packed(name).files.filter((file) => !file.startsWith("dist/templates/"));
    const unwanted =
      /\.test\.|(^|\/)(testing|fixtures|__snapshots__|coverage|node_modules)\/|\.tsbuildinfo$|metafile|\.env/;
    expect(own.filter((file) => unwanted.test(file))).toEqual([]);
  });

  it("needs only packages that a registry has", () => {
    const { dependencies, peerDependencies, optionalDependencies } = packed(name).manifest;
    const ranges = Object.values({ ...dependencies, ...peerDependencies, ...optionalDependencies });
    for (const range of ranges) {
      expect(range).toMatch(/^(?:\^\d+\.\d+\.\d+|>=\d+\.\d+\.\d+ <\d+\.\d+\.\d+)$/);
    }
  });

  it("declares the types of all that it exports", () => {
    for (const [entry, target] of Object.entries(packed(name).manifest.exports ?? {})) {
      if (entry.endsWith(".json")) {
        continue;
      }
      expect(
        Object.keys(target).filter((condition) => condition !== "module"),
        entry,
      ).toEqual(["types", "default"]);
      expect(Object.keys(target)[0], entry).toBe("types");
    }
  });

  it("has the source of each of its source maps", () => {
    const { files, read } = packed(name);
    const missing = files
      .filter((file) => file.endsWith(".map"))
      .flatMap((file) => {
        const { sources } = JSON.parse(read(file)) as { sources: string[] };
        return sources.map((source) => path.posix.join(path.posix.dirname(file), source));
      })
      .filter((source) => !files.includes(source));
    expect(missing).toEqual([]);
  });

  it("links in its README to nothing that only the repository has", () => {
    const { files, read } = packed(name);
    const links = [...read("README.md").matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(([, link = ""]) => link);
    expect(links.filter((link) => !files.includes(path.posix.normalize(link)))).toEqual([]);
  });
});

describe("a release", () => {
  it("moves all packages to one version, and the template's ranges with them", () => {
    const copy = path.join(directory, "release");
    const manifests = ["package.json", "templates/weather/package.json"];
    for (const name of PUBLISHED_PACKAGES) {
      manifests.push(`packages/${name}/package.json`);
    }
    for (const file of [...manifests, ".changeset/config.json", "pnpm-workspace.yaml"]) {
      mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
      cpSync(path.join(repository, file), path.join(copy, file));
    }
    writeFileSync(path.join(copy, ".changeset/change.md"), '---\n"dev-auth0": minor\n---\n\nA change.\n');
    const git = (...args: string[]) => execFileSync("git", args, { cwd: copy, stdio: "pipe" });
    git("init", "--quiet");
    git(
      "-c",
      "user.name=Test",
      "-c",
      "user.email=test@example.com",
      "commit",
      "--quiet",
      "--allow-empty",
      "-m",
      "Empty",
    );
    const changeset = path.join(repository, "node_modules/@changesets/cli/bin.js");
    execFileSync(process.execPath, [changeset, "version"], { cwd: copy, stdio: "pipe" });

    const read = (file: string) => JSON.parse(readFileSync(path.join(copy, file), "utf8"));
    const versions = PUBLISHED_PACKAGES.map((name): string => read(`packages/${name}/package.json`).version);
    expect(new Set(versions).size).toBe(1);
    const [version] = versions;
    expect(version).not.toBe(packed("dev-auth0").manifest.version);
    const template = read("templates/weather/package.json");
    expect(template.dependencies["mcp-env-auth"]).toBe(`^${version}`);
    expect(template.devDependencies["dev-auth0"]).toBe(`^${version}`);
  });

  it("is announced by changesets that name packages there are", () => {
    const folder = path.join(repository, ".changeset");
    const changesets = readdirSync(folder).filter((file) => file.endsWith(".md") && file !== "README.md");
    for (const file of changesets) {
      const [, header = "", summary = ""] =
        /^---\n(.*?)---\n\n(.+)/s.exec(readFileSync(path.join(folder, file), "utf8")) ?? [];
      const named = [...header.matchAll(/^"(.+)": (?:major|minor|patch)$/gm)].map(([, name]) => name);
      expect(named.length, file).toBeGreaterThan(0);
      expect(PUBLISHED_PACKAGES, file).toEqual(expect.arrayContaining(named));
      expect(summary.trim(), file).not.toBe("");
    }
  });
});
