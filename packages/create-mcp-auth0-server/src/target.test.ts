import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { inspectTarget, occupiedProblem } from "./target.ts";
import { temporaryFolder, writeFiles } from "./testing/temporary-folder.ts";

describe("the folder to write to", () => {
  it("may be absent, however deep, or empty", () => {
    const folder = temporaryFolder();
    expect(inspectTarget(path.join(folder, "a/b/c"))).toBe("absent");
    expect(inspectTarget(folder)).toBe("empty");
  });

  it("counts as empty with nothing but version control and the system's own files in it", () => {
    const folder = temporaryFolder();
    writeFiles(folder, { ".git/config": "", ".DS_Store": "", ".idea/x.xml": "" });
    expect(inspectTarget(folder)).toBe("empty");
  });

  it.each([".env", ".gitignore", ".env.example", "README.md", ".vscode/settings.json"])("is occupied by %s", (file) => {
    const folder = temporaryFolder();
    writeFiles(folder, { [file]: "mine" });
    expect(inspectTarget(folder)).toBe("occupied");
    expect(occupiedProblem(folder)).toContain(`(${file.split("/")[0]})`);
    expect(occupiedProblem(folder)).toContain("--force");
  });

  it("is not a file, nor below one, nor a link to nowhere", () => {
    const folder = temporaryFolder();
    writeFiles(folder, { file: "" });
    symlinkSync(path.join(folder, "nowhere"), path.join(folder, "link"));
    expect(() => inspectTarget(path.join(folder, "file"))).toThrow("not a folder");
    expect(() => inspectTarget(path.join(folder, "file/app"))).toThrow("not a folder");
    expect(() => inspectTarget(path.join(folder, "link"))).toThrow("not a folder");
  });

  it("may be reached through a link", () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, "real"));
    symlinkSync(path.join(folder, "real"), path.join(folder, "link"));
    expect(inspectTarget(path.join(folder, "link"))).toBe("empty");
  });
});
