import { readdirSync } from "node:fs";
import path from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { run } from "./cli.ts";
import type { CommandContext } from "./command-context.ts";
import { KNOWN_SETTINGS } from "./testing/provider-settings.ts";
import { temporaryFolder, writeFiles } from "./testing/temporary-folder.ts";

interface Call {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly cwd: string;
}

async function call(args: readonly string[], changes: Partial<CommandContext> = {}): Promise<Call> {
  const cwd = changes.cwd ?? temporaryFolder();
  const templateRoot = temporaryFolder();
  writeFiles(templateRoot, {
    "weather/package.json": "{}",
    "weather/gitignore": ".env\n",
    "weather/src/server.ts": "",
  });
  const stdout = collect();
  const stderr = collect();
  const exitCode = await run(args, {
    env: {},
    cwd,
    platform: "linux",
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    version: "1.2.3",
    source: { templateRoot, ...KNOWN_SETTINGS },
    ...changes,
  });
  return { exitCode, stdout: stdout.text(), stderr: stderr.text(), cwd };
}

function collect() {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}

describe("the command", () => {
  it("explains itself, every option and exit code", async () => {
    const { exitCode, stdout } = await call(["--help"]);
    expect(exitCode).toBe(0);
    for (const word of ["--local", "--client-secret-file", "--dry-run", "npm create", "pnpm create", "130"]) {
      expect(stdout).toContain(word);
    }
    expect(stdout.split("\n").every((line) => line.length <= 120)).toBe(true);
  });

  it("says its version", async () => {
    expect(await call(["-v"])).toMatchObject({ exitCode: 0, stdout: "1.2.3\n" });
  });

  it("says what would be written, with --dry-run, and writes nothing", async () => {
    const { exitCode, stdout, cwd } = await call(["app", "--dry-run"], {
      env: { npm_config_user_agent: "pnpm/12.0.0" },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toBe(`Dry run: nothing is written. This would be done:
Create app in ${path.join(cwd, "app")}
  .env
  .env.example
  .gitignore
  package.json
  pnpm-workspace.yaml
  src/server.ts
Install its dependencies with pnpm
Start a git repository
`);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("says in a dry run what --force would replace and what it keeps", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "app/.env": "mine", "app/package.json": "mine" });
    const { stdout } = await call(["app", "--force", "--dry-run", "--no-git"], { cwd });
    expect(stdout).toContain("  .env  (kept as it is)\n");
    expect(stdout).toContain("  package.json  (replaced)\n");
    expect(stdout).not.toContain("git repository");
  });
});

describe("a call that can't be followed", () => {
  it.each([
    [["--nope"], "no option --nope"],
    [[], "Give the folder"],
    [["app", "--domain", "t.us.auth0.co"], "--domain: "],
    [["app", "--client-id", "two words"], "--client-id: "],
    [["app", "--audience", ""], "--audience: "],
    [["app", "--scopes", ","], "--scopes: "],
    [["app", "--base-url", "http://mcp.example.com"], "--base-url: "],
    [["app", "--base-url", "https://example.com/it's$", "--dry-run"], "--base-url: "],
    [["app", "--scopes", "it's,$1", "--dry-run"], "--scopes: "],
    [["app", "--local", "--base-url", "https://mcp.example.com"], "--local sets up a stand-in that only this machine"],
    [["app", "--client-secret-file", "missing.txt"], "missing.txt can't be read"],
    [["app", "--client-secret-file", "."], "can't be read"],
    [["app", "--client-secret-file", "/dev/null"], "no regular file"],
    [["a".repeat(300)], "The folder: "],
    [["a\nb"], "The folder: "],
  ])("%j ends with exit code 2, a sentence, and nothing written", async (args, words) => {
    const { exitCode, stderr, stdout, cwd } = await call(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("is one for a folder that is not empty", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "app/.env": "mine" });
    const { exitCode, stderr } = await call(["app"], { cwd });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("is not empty (.env)");
  });

  it("is one where npm kept the options", async () => {
    const env = { npm_config_user_agent: "npm/11.0.0", npm_lifecycle_event: "npx", npm_config_domain: "true" };
    const { exitCode, stderr } = await call(["app", "t.us.auth0.com"], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("npm kept --domain for itself");
  });
});

describe("a terminal", () => {
  const terminal = () => Object.assign(new PassThrough(), { isTTY: true });

  it.each([{ CI: "true" }, { CI: "1" }])("is not asked in CI: %j", async (env) => {
    const { exitCode, stderr } = await call([], {
      env,
      stdin: terminal(),
      stdout: Object.assign(collect().stream, { isTTY: true }),
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("in CI, nothing is asked");
  });

  it("is not asked with --yes, which takes every default", async () => {
    const { exitCode, cwd } = await call(["--yes", "--dry-run"], { stdin: terminal() });
    expect(exitCode).toBe(0);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("a client secret", () => {
  it("is read from a file or a pipe, and never shown", async () => {
    const cwd = temporaryFolder();
    writeFiles(cwd, { "secret.txt": "hush-hush\n" });
    const fromFile = await call(["app", "--client-secret-file", "secret.txt", "--dry-run"], { cwd });
    const fromPipe = await call(["app", "--client-secret-file", "-", "--dry-run"], {
      stdin: Readable.from(["hush-", "hush"]),
    });
    for (const { exitCode, stdout, stderr } of [fromFile, fromPipe]) {
      expect(exitCode).toBe(0);
      expect(stdout + stderr).not.toContain("hush");
    }
  });

  it("is not waited for from a terminal", async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const { exitCode, stderr } = await call(["app", "--client-secret-file", "-"], { stdin });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("standard input is a terminal");
  });
});
