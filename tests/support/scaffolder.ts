import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The package as npm would publish it. */
export interface PackedScaffolder {
  readonly tarball: string;
  /** The tarball's content. */
  readonly folder: string;
  /** The command inside it. */
  readonly command: string;
  remove(): void;
}

/** What a call of the command came to. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Called with what the command prints, as it prints it. */
  readonly onOutput?: (text: string) => void;
}

export const repository = fileURLToPath(new URL("../..", import.meta.url));
const NAME = "create-mcp-auth0-server";

export function temporaryDirectory(): string {
  return realpathSync(mkdtempSync(path.join(tmpdir(), `${NAME}-`)));
}

/** Packs the built package and unpacks it, as an installation would. */
export function packScaffolder(): PackedScaffolder {
  const directory = temporaryDirectory();
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", directory], {
      cwd: path.join(repository, "packages", NAME),
      encoding: "utf8",
      env: cleanEnvironment(directory),
      stdio: ["ignore", "pipe", "ignore"],
    }),
  ) as [{ filename: string }];
  const tarball = path.join(directory, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", directory]);
  const folder = path.join(directory, "package");
  return {
    tarball,
    folder,
    command: path.join(folder, "dist", `${NAME}.cjs`),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Runs a Node program without a terminal, to its end. */
export function runNode(script: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return startNode(script, args, options).result;
}

/** Starts a Node program without a terminal. */
export function startNode(
  script: string,
  args: readonly string[],
  options: CommandOptions,
): { readonly pid: number; readonly result: Promise<CommandResult> } {
  const { cwd, env = cleanEnvironment(cwd), input, onOutput } = options;
  const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onOutput?.(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.end(input ?? "");
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { pid: child.pid ?? 0, result };
}

/** The environment of somebody who has git set up, no CI, and has not come through a package manager. */
export function cleanEnvironment(directory: string, changes: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const home = path.join(directory, ".test-home");
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, ".gitconfig"), "[user]\nname = Jo\nemail = jo@example.com\n");
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|GIT_|CI$|VITEST|NODE_OPTIONS|XDG_)/i.test(name));
  return { ...Object.fromEntries(kept), HOME: home, ...changes };
}
