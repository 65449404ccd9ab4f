import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listFiles } from "../packages/create-mcp-auth0-server/src/template.ts";
import { npmCommand } from "../scripts/support/npm.mjs";
import {
  type CommandResult,
  cleanEnvironment,
  type PackedScaffolder,
  packScaffolder,
  repository,
  runNode,
  startNode,
  temporaryDirectory,
} from "./support/scaffolder.ts";

const TEMPLATE = path.join(repository, "templates/weather");
const PREFIX = "FASTMCP_SERVER_AUTH_AUTH0_";

let packed: PackedScaffolder;
let home: string;
let cwd: string;

beforeAll(() => {
  packed = packScaffolder();
});

afterAll(() => packed.remove());

beforeEach(() => {
  home = temporaryDirectory();
  cwd = path.join(home, "projects");
  mkdirSync(cwd);
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function create(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {}) {
  const { env, ...rest } = options;
  return runNode(packed.command, args, { cwd, env: cleanEnvironment(home, env), ...rest });
}

function readEnv(project: string) {
  return parseEnv(readFileSync(path.join(project, ".env"), "utf8"));
}

function expectDone(result: CommandResult): void {
  expect(result, result.stderr).toMatchObject({ code: 0, stderr: "" });
}

describe("a project without a terminal", () => {
  it("is the template under its own name, otherwise byte for byte, and with its env files", async () => {
    expectDone(await create(["My App", "--no-install"]));
    const project = path.join(cwd, "My App");
    const tracked = execFileSync("git", ["ls-files"], { cwd: TEMPLATE, encoding: "utf8" }).trim().split("\n");
    const expected = new Set([...tracked, ".env", ".env.example"]);
    expect(listFiles(project).filter((file) => !file.startsWith(`.git${path.sep}`))).toEqual([...expected].sort());
    for (const file of tracked.filter((name) => name !== "package.json" && name !== ".env.example")) {
      const template = readFileSync(path.join(TEMPLATE, file), "utf8");
      expect(readFileSync(path.join(project, file), "utf8"), file).toBe(
        template.replaceAll(/mcp-auth0-weather|Auth0 Weather MCP/g, "my-app"),
      );
    }
    const manifest = JSON.parse(readFileSync(path.join(TEMPLATE, "package.json"), "utf8")) as object;
    expect(JSON.parse(readFileSync(path.join(project, "package.json"), "utf8"))).toEqual({
      ...manifest,
      name: "my-app",
    });
  });

  it("starts from one tool, with another provider, and says what is missing there", async () => {
    const listed = await create(["app", "--provider", "?"]);
    const names = /--provider is one of (.*), not/.exec(listed.stderr)?.[1]?.split(", ") ?? [];
    expect(names.length).toBeGreaterThan(20);
    for (const name of names.filter((name) => name !== "auth0")) {
      const result = await create([name, "--provider", name, "--no-install", "--no-git"]);
      expectDone(result);
      const project = path.join(cwd, name);
      const env = readEnv(project);
      expect(env.FASTMCP_SERVER_AUTH, name).toMatch(/^(fastmcp|mcp_env_auth)\.server|^(fastmcp|mcp_env_auth)\.\w+/);
      const empty = Object.keys(env).filter((variable) => env[variable] === "");
      for (const variable of empty) {
        expect(result.stdout, name).toContain(`\n  ${variable}\n`);
      }
      const readme = readFileSync(path.join(project, "README.md"), "utf8");
      expect(readme, name).toContain("## Log users in at ");
      expect(readme, name).not.toMatch(/stand-in for Auth0|--as alice|dashboard/);
      expect(readFileSync(path.join(project, "src/server.ts"), "utf8")).not.toContain("requiredScopes");
    }
  });

  it.each([
    [["--provider", "google", "--domain", "t.us.auth0.com"], "--domain is for Auth0"],
    [["--provider", "keycloak", "--client-id", "x"], "Keycloak has no setting FASTMCP_SERVER_AUTH_KEYCLOAK_CLIENT_ID"],
    [["--provider", "constructor"], "--provider is one of"],
  ])("refuses %j", async (args, words) => {
    expect(await create(["app", ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("tells clients its own name and address", async () => {
    expectDone(await create(["@acme/notes", "--no-install", "--no-git", "--base-url", "http://localhost:9123"]));
    const project = path.join(cwd, "notes");
    const server = { url: "http://localhost:9123/mcp" };
    const readJson = (file: string) => JSON.parse(readFileSync(path.join(project, file), "utf8")) as unknown;
    expect(readJson(".mcp.json")).toEqual({ mcpServers: { notes: { type: "http", ...server } } });
    expect(readJson(".cursor/mcp.json")).toEqual({ mcpServers: { notes: server } });
    expect(readJson(".vscode/mcp.json")).toEqual({ servers: { notes: { type: "http", ...server } } });
    expect(readFileSync(path.join(project, "README.md"), "utf8")).not.toMatch(/localhost:8000|weather MCP/i);
    expect(readFileSync(path.join(project, "src/server.ts"), "utf8")).toContain('name: "notes"');
  });

  it("tells clients the public address, and readers the local one", async () => {
    expectDone(await create(["app", "--no-install", "--no-git", "--base-url", "https://mcp.example.com/t"]));
    const read = (file: string) => readFileSync(path.join(cwd, "app", file), "utf8");
    expect(read(".mcp.json")).toContain('"https://mcp.example.com/t/mcp"');
    expect(read("README.md")).toContain("http://localhost:8000/mcp");
  });

  it.each([
    ["pnpm", ["COPY package.json pnpm-lock.yaml pnpm-workspace.yaml* ./", "pnpm@12 install --frozen-lockfile"]],
    ["yarn", ["COPY package.json yarn.lock ./", "RUN yarn install --frozen-lockfile"]],
    ["bun", ["COPY package.json bun.lock ./", "bun install --frozen-lockfile"]],
    ["npm", ["COPY package*.json ./", "npm ci --no-audit --no-fund"]],
  ])("builds its image by the lockfile of %s", async (name, lines) => {
    expectDone(await create(["app", "--no-install", "--no-git", "--package-manager", name]));
    const dockerfile = readFileSync(path.join(cwd, "app/Dockerfile"), "utf8");
    for (const line of lines) {
      expect(dockerfile).toContain(line);
    }
    expect(dockerfile.includes("npm prune")).toBe(name === "npm");
    const workflow = readFileSync(path.join(cwd, "app/.github/workflows/ci.yml"), "utf8");
    expect(workflow.includes("- run: npm install")).toBe(name === "npm");
  });

  it("keeps its secrets to itself: mode 0600, and left out of commits and images", async () => {
    expectDone(await create(["app", "--no-install"]));
    const project = path.join(cwd, "app");
    expect(statSync(path.join(project, ".env")).mode & 0o777).toBe(0o600);
    const git = (...args: string[]) => execFileSync("git", args, { cwd: project, encoding: "utf8" }).trim();
    expect(git("check-ignore", ".env")).toBe(".env");
    expect(git("ls-files", ".env")).toBe("");
    expect(git("status", "--porcelain")).toBe("");
    expect(readFileSync(path.join(project, ".dockerignore"), "utf8").split("\n")).toContain(".env");
  });

  it("takes every answer from a flag, and a secret from a file or a pipe only", async () => {
    writeFileSync(path.join(cwd, "secret.txt"), "tOp_S3cret-x\n");
    const answers = [
      "--domain",
      "https://Login.Tenant.invalid/x",
      "--client-id",
      "abc123",
      "--audience",
      "https://api/",
    ];
    const more = [
      "--scopes",
      "openid weather:read",
      "--base-url",
      "https://mcp.example.com/t/",
      "--no-install",
      "--no-git",
    ];
    const fromFile = await create(["a", ...answers, ...more, "--client-secret-file", "secret.txt"]);
    const fromPipe = await create(["b", ...answers, ...more, "--client-secret-file", "-"], { input: "tOp_S3cret-x" });
    for (const [result, project] of [
      [fromFile, "a"],
      [fromPipe, "b"],
    ] as const) {
      expectDone(result);
      expect(result.stdout).toContain("Could not check login.tenant.invalid");
      expect(result.stdout).toContain("\n     https://mcp.example.com/t/auth/callback\n");
      expect(result.stdout).not.toContain("tOp_S3cret");
      expect(readEnv(path.join(cwd, project))).toMatchObject({
        [`${PREFIX}CONFIG_URL`]: "https://login.tenant.invalid/.well-known/openid-configuration",
        [`${PREFIX}CLIENT_ID`]: "abc123",
        [`${PREFIX}CLIENT_SECRET`]: "tOp_S3cret-x",
        [`${PREFIX}AUDIENCE`]: "https://api/",
        [`${PREFIX}BASE_URL`]: "https://mcp.example.com/t",
        [`${PREFIX}REQUIRED_SCOPES`]: "openid,weather:read",
        [`${PREFIX}JWT_SIGNING_KEY`]: expect.stringMatching(/^[\w-]{43}$/) as unknown,
      });
      expect(readdirSync(path.join(cwd, project))).not.toContain(".git");
    }
  });

  it("says which settings are still to be filled in", async () => {
    const { stdout } = await create(["app", "--client-id", "abc", "--no-install", "--no-git"]);
    expect(stdout).toContain(
      `Fill in, in .env:\n  ${PREFIX}CONFIG_URL\n  ${PREFIX}AUDIENCE\n  ${PREFIX}CLIENT_SECRET\n\nThen run it:\n  cd app\n`,
    );
  });

  it.each(["Jo (Work)[1]", "{{name}}", "a'b", "ünï", "back\\slash", "$(id)", "-dash"])(
    "is whole in a folder of any name: %j",
    async (name) => {
      const folder = path.join(cwd, name);
      mkdirSync(folder);
      expectDone(await create(["app", "--no-install", "--no-git"], { cwd: folder }));
      expectDone(await create(["--no-install", "--no-git", "--", `./${name}`], { cwd: folder }));
      expect(listFiles(path.join(folder, "app"))).toEqual(listFiles(path.join(folder, name)));
      expect(readdirSync(path.join(folder, "app"))).toContain("package.json");
    },
  );

  it("goes into the current folder, beside an existing repository", async () => {
    mkdirSync(path.join(cwd, ".git"));
    const result = await create([".", "--no-install"]);
    expectDone(result);
    expect(result.stdout).toContain("inside a git repository already");
    expect(result.stdout).not.toContain("  cd ");
    expect(JSON.parse(readFileSync(path.join(cwd, "package.json"), "utf8"))).toMatchObject({ name: "projects" });
    expect(readdirSync(path.join(cwd, ".git"))).toEqual([]);
  });
});

describe("a folder that is not empty", () => {
  it("is refused with exit code 2, also when only hidden files are in it", async () => {
    mkdirSync(path.join(cwd, "app"));
    writeFileSync(path.join(cwd, "app/.env"), "MINE=1");
    expect(await create(["app", "--no-install"])).toMatchObject({ code: 2, stdout: "" });
    expect(listFiles(cwd)).toEqual([path.join("app", ".env")]);
  });

  it("is written into with --force: its .env and other files stay", async () => {
    mkdirSync(path.join(cwd, "app"));
    writeFileSync(path.join(cwd, "app/.env"), "MINE=1");
    writeFileSync(path.join(cwd, "app/notes.txt"), "mine");
    writeFileSync(path.join(cwd, "app/package.json"), "{}");
    const result = await create(["app", "--no-install", "--no-git", "--force"]);
    expectDone(result);
    expect(result.stdout).toContain("Replaced package.json\nKept .env as it was\n");
    expect(readEnv(path.join(cwd, "app"))).toEqual({ MINE: "1" });
    expect(readFileSync(path.join(cwd, "app/notes.txt"), "utf8")).toBe("mine");
    expect(readdirSync(cwd)).toEqual(["app"]);
  });
});

describe("the installation", () => {
  /** A package manager that records its call and ends as it is told to. */
  function installPackageManager(name: string, script: string): NodeJS.ProcessEnv {
    const bin = path.join(home, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(bin, name), 0o755);
    return { PATH: `${bin}${path.delimiter}${process.env.PATH}` };
  }

  it("is done with the package manager asked for, and its output is shown", async () => {
    const env = installPackageManager("bun", 'echo "called: $*"; mkdir node_modules');
    const result = await create(["app", "--package-manager", "bun"], { env });
    expectDone(result);
    expect(result.stdout).toContain("called: install\n");
    expect(result.stdout).toContain("Run it:\n  cd app\n  bun run dev\n");
  });

  it("that fails is exit code 1, with the command to repeat, and the project stays", async () => {
    const env = installPackageManager("yarn", "echo broken >&2; exit 7");
    const { code, stdout, stderr } = await create(["app", "--package-manager", "yarn"], { env });
    expect(code).toBe(1);
    expect(stderr).toContain("broken\n");
    expect(stderr).toContain('The project is complete: repeat "yarn install" in it.');
    expect(stdout).toContain("  cd app\n  yarn install\n  yarn dev\n");
    expect(readdirSync(path.join(cwd, "app"))).toContain("package.json");
  });

  it("that is stopped is exit code 130", async () => {
    const env = cleanEnvironment(home, installPackageManager("npm", "echo installing; exec sleep 5"));
    const running = startNode(packed.command, ["app"], {
      cwd,
      env,
      onOutput: (text) => {
        if (text.includes("installing")) {
          process.kill(running.pid, "SIGINT");
        }
      },
    });
    const { code, stderr } = await running.result;
    expect(code).toBe(130);
    expect(stderr).toContain('repeat "npm install" in it');
  });
});

describe("a failure or a signal", () => {
  /** The command beside a template of our own making. */
  function withTemplate(files: Readonly<Record<string, string>>): string {
    const folder = path.join(home, "command");
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, "templates/weather", file)), { recursive: true });
      writeFileSync(path.join(folder, "templates/weather", file), text);
    }
    writeFileSync(path.join(folder, "command.cjs"), readFileSync(packed.command));
    return path.join(folder, "command.cjs");
  }

  it("leaves nothing behind when the project can't be written", async () => {
    const command = withTemplate({ "README.md": "A template without a package.json." });
    const { code, stderr } = await runNode(command, ["deep/er/app"], { cwd, env: cleanEnvironment(home) });
    expect(code).toBe(1);
    expect(stderr).toContain("nothing was left behind");
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("leaves nothing behind on %s while the project is written", async (signal, exitCode) => {
    const many = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`src/${index}.ts`, "export {};"]));
    const command = withTemplate({ ...many, "package.json": "{}" });
    const seen: string[] = [];
    const watcher = watch(cwd, (_, name) => {
      if (seen.length === 0) {
        process.kill(running.pid, signal);
      }
      seen.push(String(name));
    });
    const running = startNode(command, ["app", "--no-install", "--no-git"], { cwd, env: cleanEnvironment(home) });
    const { code, stderr } = await running.result;
    watcher.close();
    expect(seen[0]).toMatch(/^\.create-mcp-auth0-server-/);
    expect(code).toBe(exitCode);
    expect(stderr).toContain("Stopped, nothing was written.");
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("npm exec", () => {
  it("runs the command from its tarball, and a missing -- is noticed", async () => {
    const npm = (...args: string[]) =>
      runNode(npmScript(), ["exec", "--yes", `--package=${packed.tarball}`, ...args], {
        cwd,
        env: cleanEnvironment(home),
      });
    const good = await npm("--", "create-mcp-auth0-server", "app", "--no-install", "--no-git");
    expect(good, good.stderr).toMatchObject({ code: 0 });
    const swallowed = await npm("create-mcp-auth0-server", "other", "--domain", "t.us.auth0.com", "--no-install");
    expect(swallowed.code).toBe(2);
    expect(swallowed.stderr).toContain("npm kept --domain --no-install for itself");
    expect(readdirSync(cwd)).toEqual(["app"]);
  });
});

function npmScript(): string {
  const [, script] = npmCommand("npm");
  if (script === undefined) {
    throw new Error("npm is not where Node.js is. Run this with npm test.");
  }
  return script;
}
