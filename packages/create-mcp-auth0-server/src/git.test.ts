import { execFileSync } from "node:child_process";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { isInsideWorkTree, startRepository } from "./git.ts";
import { temporaryFolder, writeFiles } from "./testing/temporary-folder.ts";

/** Git with nobody's configuration but this. */
function gitEnvironment(config: string): NodeJS.ProcessEnv {
  const home = temporaryFolder();
  writeFiles(home, { ".gitconfig": config });
  return {
    PATH: process.env.PATH,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: path.join(home, ".gitconfig"),
  };
}

const SOMEBODY = "[user]\nname = Jo\nemail = jo@example.com\n[commit]\ngpgSign = true\n[core]\nhooksPath = /nowhere\n";

function tracked(folder: string): string[] {
  return execFileSync("git", ["ls-files"], { cwd: folder, encoding: "utf8" }).trim().split("\n");
}

describe("the repository", () => {
  it("starts with one commit of everything but .env, unsigned and on the branch main", async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { "package.json": "{}", ".env": "SECRET=1", "ignored/x": "", ".gitignore": "ignored/\n" });
    expect(await startRepository(folder, gitEnvironment(SOMEBODY))).toBe("committed");
    expect(tracked(folder)).toEqual([".gitignore", "package.json"]);
    const log = execFileSync("git", ["log", "--format=%D|%an|%s"], { cwd: folder, encoding: "utf8" });
    expect(log.trim()).toBe("HEAD -> main|Jo|Create the project with create-mcp-auth0-server");
  });

  it("follows the branch name that the user has set", async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { "package.json": "{}" });
    await startRepository(folder, gitEnvironment(`${SOMEBODY}[init]\ndefaultBranch = trunk\n`));
    expect(execFileSync("git", ["branch", "--show-current"], { cwd: folder, encoding: "utf8" }).trim()).toBe("trunk");
  });

  it("has no commit when git does not know the user", async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { "package.json": "{}" });
    const env = gitEnvironment("[user]\nuseConfigOnly = true\n");
    expect(await startRepository(folder, env)).toBe("initialised");
  });

  it("is its own, also when called from a git hook of another", async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { "package.json": "{}" });
    const env = {
      ...gitEnvironment(SOMEBODY),
      GIT_DIR: path.join(temporaryFolder(), "other.git"),
      GIT_INDEX_FILE: "x",
    };
    expect(await startRepository(folder, env)).toBe("committed");
    expect(tracked(folder)).toEqual(["package.json"]);
  });

  it("is not missed when git is not installed", async () => {
    expect(await startRepository(temporaryFolder(), { PATH: temporaryFolder() })).toBe("absent");
  });
});

describe("a work tree", () => {
  it("is noticed from any depth, also as a worktree or submodule, and for a folder that is absent", () => {
    const folder = temporaryFolder();
    expect(isInsideWorkTree(path.join(folder, "app"))).toBe(false);
    writeFiles(folder, { "repo/.git/HEAD": "", "worktree/.git": "gitdir: elsewhere" });
    expect(isInsideWorkTree(path.join(folder, "repo/a/b/app"))).toBe(true);
    expect(isInsideWorkTree(path.join(folder, "worktree/app"))).toBe(true);
  });
});
