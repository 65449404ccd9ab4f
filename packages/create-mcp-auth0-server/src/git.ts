import { existsSync } from "node:fs";
import path from "node:path";
import { runProgram } from "./run-program.ts";

/** What became of the repository. */
export type GitOutcome = "committed" | "initialised" | "absent" | "failed";

const FIRST_COMMIT = "Create the project with create-mcp-auth0-server";

/** True inside a work tree, however deep: a repository there would be nested. */
export function isInsideWorkTree(directory: string): boolean {
  if (existsSync(path.join(directory, ".git"))) {
    return true;
  }
  const parent = path.dirname(directory);
  return parent !== directory && isInsideWorkTree(parent);
}

/**
 * Starts a repository with one commit of everything that .gitignore lets through. Without a name and address in git's
 * configuration there is no commit; without git there is nothing. Neither hooks nor signing take part, since either may
 * ask questions that nobody sees.
 */
export async function startRepository(directory: string, env: NodeJS.ProcessEnv): Promise<GitOutcome> {
  const options = { cwd: directory, env: withoutRepository(env), output: "ignore" } as const;
  const git = async (...args: string[]) => {
    const result = await runProgram("git", args, options);
    return result.ended === "absent" ? "absent" : result.ended === "exit" && result.code === 0 ? "done" : "failed";
  };
  const branch = (await git("config", "init.defaultBranch")) === "done" ? [] : ["--initial-branch=main"];
  const initialised = await git("init", "--quiet", ...branch);
  if (initialised !== "done") {
    return initialised;
  }
  if ((await git("add", "--all")) !== "done") {
    return "initialised";
  }
  // An exclusion in `git add` fails where .gitignore covers the path already.
  if ((await git("rm", "--quiet", "--cached", "--ignore-unmatch", ".env")) !== "done") {
    return "initialised";
  }
  const commit = await git("-c", "commit.gpgSign=false", "commit", "--quiet", "--no-verify", "--message", FIRST_COMMIT);
  return commit === "done" ? "committed" : "initialised";
}

/** `GIT_DIR` and its like, set inside git hooks, would lead to the repository of the hook. */
function withoutRepository(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR)$/.test(name));
  return { ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: "0" };
}
