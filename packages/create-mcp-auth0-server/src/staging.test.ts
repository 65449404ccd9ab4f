import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openStaging } from "./staging.ts";
import { listFiles } from "./template.ts";
import { readFiles, temporaryFolder, writeFiles } from "./testing/temporary-folder.ts";

const PROJECT = { "package.json": "{}", "src/server.ts": "new", ".env": "SECRET=new" };

describe("a project for an absent folder", () => {
  it("appears in one go, and nothing else does", () => {
    const folder = temporaryFolder();
    const target = path.join(folder, "deep/er/app");
    const staging = openStaging(target, "absent");
    writeFiles(staging.project, PROJECT);
    expect(readdirSync(path.join(folder, "deep/er"))).not.toContain("app");
    expect(staging.commit()).toEqual({ replaced: [], kept: [] });
    expect(readFiles(target, Object.keys(PROJECT))).toEqual(PROJECT);
    expect(readdirSync(path.join(folder, "deep/er"))).toEqual(["app"]);
  });

  it("leaves nothing behind when it is given up, not even the folders above it", () => {
    const folder = temporaryFolder();
    const staging = openStaging(path.join(folder, "deep/er/app"), "absent");
    writeFiles(staging.project, PROJECT);
    staging.discard();
    staging.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("does not take a folder that somebody else filled meanwhile", () => {
    const target = path.join(temporaryFolder(), "app");
    const staging = openStaging(target, "absent");
    writeFiles(staging.project, PROJECT);
    writeFiles(target, { "mine.txt": "mine" });
    expect(() => staging.commit()).toThrow();
    staging.discard();
    expect(listFiles(target)).toEqual(["mine.txt"]);
  });

  it("can't be written where nobody may write", ({ skip }) => {
    skip(process.getuid?.() === 0 || process.platform === "win32", "permissions do not bind this user");
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    expect(() => openStaging(path.join(folder, "a/b"), "absent")).toThrow("Nothing can be written");
  });
});

describe("a project for a folder that is there", () => {
  it("is staged inside it, whose parent may be another volume", () => {
    const folder = temporaryFolder();
    const staging = openStaging(folder, "empty");
    expect(staging.project.startsWith(folder + path.sep)).toBe(true);
    writeFiles(staging.project, PROJECT);
    staging.commit();
    expect(listFiles(folder)).toEqual([".env", "package.json", path.join("src", "server.ts")]);
  });

  it("replaces files of the same name, keeps .env, deletes nothing", () => {
    const folder = temporaryFolder();
    writeFiles(folder, { ".env": "SECRET=mine", "src/server.ts": "old", "src/mine.ts": "mine", ".git/HEAD": "ref" });
    const staging = openStaging(folder, "occupied");
    writeFiles(staging.project, PROJECT);
    expect(staging.commit()).toEqual({ replaced: [path.join("src", "server.ts")], kept: [".env"] });
    expect(readFiles(folder, [".env", "src/server.ts", "src/mine.ts", ".git/HEAD", "package.json"])).toEqual({
      ".env": "SECRET=mine",
      "src/server.ts": "new",
      "src/mine.ts": "mine",
      ".git/HEAD": "ref",
      "package.json": "{}",
    });
    expect(readdirSync(folder).sort()).toEqual([".env", ".git", "package.json", "src"]);
  });

  it("puts everything back when a step fails", () => {
    const folder = temporaryFolder();
    writeFiles(folder, { "m.txt": "old" });
    const staging = openStaging(folder, "occupied");
    writeFiles(staging.project, { "a.txt": "new", "b/c.txt": "new", "m.txt": "new" });
    writeFiles(path.dirname(staging.project), { replaced: "in the way of the backup" });
    expect(() => staging.commit()).toThrow();
    staging.discard();
    expect(readFiles(folder, listFiles(folder))).toEqual({ "m.txt": "old" });
    expect(readdirSync(folder)).toEqual(["m.txt"]);
  });

  it("is not written over a folder, or through a link that leads out of it", () => {
    const folder = temporaryFolder();
    const elsewhere = temporaryFolder();
    mkdirSync(path.join(folder, "package.json"));
    symlinkSync(elsewhere, path.join(folder, "src"));
    const staging = openStaging(folder, "occupied");
    writeFiles(staging.project, PROJECT);
    expect(() => staging.commit()).toThrow("in the way: package.json, src.");
    staging.discard();
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(["package.json", "src"]);
    expect(statSync(path.join(folder, "package.json")).isDirectory()).toBe(true);
  });
});
