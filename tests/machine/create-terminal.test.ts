import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { parseEnv, stripVTControlCharacters } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cleanEnvironment, type PackedScaffolder, packScaffolder, temporaryDirectory } from "../support/scaffolder.ts";

const ENTER = "\r";
const DOWN = "\u001b[B";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

/** Runs its arguments in a pseudo-terminal of 100 by 40, which it joins to its own standard streams. */
const PSEUDO_TERMINAL = `
import os, pty, sys
status = pty.spawn(["sh", "-c", 'stty cols 100 rows 40; exec "$@"', "sh", *sys.argv[1:]])
sys.exit(os.waitstatus_to_exitcode(status))
`;

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

/** Runs the command with a person at the terminal, who types each answer when its question is shown. */
function createInTerminal(
  args: readonly string[],
  conversation: readonly (readonly [question: string, keys: string])[],
) {
  const child = spawn("python3", ["-c", PSEUDO_TERMINAL, process.execPath, packed.command, ...args], {
    cwd,
    env: cleanEnvironment(home, { TERM: "xterm-256color", COLUMNS: "100" }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  const left = [...conversation];
  let shown = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += stripVTControlCharacters(text);
    const [next] = left;
    const found = next === undefined ? -1 : shown.indexOf(next[0], seen);
    if (next === undefined || found === -1) {
      return;
    }
    seen = found + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
  });
  return new Promise<{ code: number | null; shown: string }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, shown }));
  });
}

describe("at a terminal", () => {
  it("every answer may be Enter", async () => {
    const { code, shown } = await createInTerminal(
      ["--no-install"],
      [
        ["Where shall the project go?", ENTER],
        ["or your tenant?", ENTER],
        ["Start a git repository?", ENTER],
      ],
    );
    expect(code, shown).toBe(0);
    expect(readdirSync(path.join(cwd, "my-mcp-server"))).toContain(".env");
    expect(shown).toContain("Add http://localhost:8000/mcp to your MCP client.");
  });

  it("a secret is typed unseen", async () => {
    const { code, shown } = await createInTerminal(
      ["app", "--no-install", "--no-git"],
      [
        ["or your tenant?", `${DOWN}${ENTER}`],
        ["Auth0 domain", `login.tenant.invalid${ENTER}`],
        ["Client id", `abc123${ENTER}`],
        ["Client secret", `hush-hush${ENTER}`],
        ["Audience", `https://api.example.com${ENTER}`],
        ["Scopes", ENTER],
      ],
    );
    expect(code, shown).toBe(0);
    expect(shown).toContain("Could not check login.tenant.invalid");
    expect(shown).not.toContain("hush");
    expect(parseEnv(readFileSync(path.join(cwd, "app/.env"), "utf8"))).toMatchObject({
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "hush-hush",
    });
  });

  it("Ctrl-C ends it with exit code 130 and nothing written", async () => {
    const { code, shown } = await createInTerminal(
      [],
      [
        ["Where shall the project go?", `app${ENTER}`],
        ["or your tenant?", CTRL_C],
      ],
    );
    expect(code).toBe(130);
    expect(shown).toContain("Cancelled, nothing was written.");
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("Ctrl-C while a domain is looked at ends it with exit code 130 and a sentence", async () => {
    const silent = createServer();
    await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
    const { port } = silent.address() as AddressInfo;
    const { code, shown } = await createInTerminal(
      ["app"],
      [
        ["or your tenant?", `${DOWN}${ENTER}`],
        ["Auth0 domain", `http://localhost:${port}${ENTER}`],
        [`Looking at localhost:${port}`, CTRL_C],
      ],
    );
    silent.close();
    expect(code, shown).toBe(130);
    expect(shown).toContain("Cancelled, nothing was written.");
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("Ctrl-D ends it with exit code 130 and a sentence", async () => {
    const { code, shown } = await createInTerminal([], [["Where shall the project go?", CTRL_D]]);
    expect(code, shown).toBe(130);
    expect(shown).toContain("Cancelled, nothing was written.");
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("nothing is asked with --yes", async () => {
    const { code, shown } = await createInTerminal(["--yes", "--no-install", "--no-git"], []);
    expect(code, shown).toBe(0);
    expect(shown).not.toContain("?");
  });
});
