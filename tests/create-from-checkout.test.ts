import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { callersFolder, createFromCheckout } from "../scripts/create/from-checkout.mjs";
import { repository, temporaryDirectory } from "./support/scaffolder.ts";

let folder: string;

beforeAll(() => {
  folder = temporaryDirectory();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("makes a project that brings the packages of this checkout along, also into its image", { timeout: 240_000 }, () => {
  // Of a first try that took too long.
  rmSync(path.join(folder, "app"), { recursive: true, force: true });
  vi.stubEnv("INIT_CWD", folder);
  try {
    expect(createFromCheckout(["app", "--yes", "--no-install", "--no-git"])).toBe(0);
  } finally {
    vi.unstubAllEnvs();
  }
  const project = path.join(folder, "app");
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(project, "package.json"), "utf8"));
  const ranges = { "mcp-env-auth": dependencies["mcp-env-auth"], "dev-auth0": devDependencies["dev-auth0"] };
  for (const [name, range] of Object.entries(ranges)) {
    expect(range).toMatch(/^file:vendor\/.*\.tgz$/);
    const tarball = path.join(project, range.slice("file:".length));
    const manifest = execFileSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" });
    expect(JSON.parse(manifest).name).toBe(name);
  }
  expect(readFileSync(path.join(project, "Dockerfile"), "utf8")).toMatch(/^COPY vendor \.\/vendor\nCOPY package/m);
});

it.each([".", "docs"])("puts it next to the checkout when it is called in %s of it", (called) => {
  expect(callersFolder(path.join(repository, called))).toBe(path.dirname(repository));
});

it("puts it where it is called from outside", () => {
  expect(callersFolder(folder)).toBe(folder);
});
