import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "./support/in-process.ts";

const script = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

interface Output {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
}

function start(fixture: string, env: Record<string, string>): Output {
  const child = spawn(process.execPath, [script(fixture)], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none", FASTMCP_PORT: "0", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return { child, stdout: () => stdout, stderr: () => stderr };
}

describe("a server whose log people read", () => {
  it("begins with a banner of six lines at most, without the variables that nobody set", async () => {
    const { child, stderr } = start("http-server.mjs", { FASTMCP_LOG_FORMAT: "text", FORCE_COLOR: "1" });
    await until(() => stderr().includes("claude mcp add"));
    child.kill("SIGTERM");
    await once(child, "close");
    expect(stderr()).toContain("\u001b[1m");
    expect(stderr()).not.toContain("(default)");
    expect(stderr()).toContain("FASTMCP_SERVER_AUTH=none");
    const lines = stderr().split("\n");
    const first = lines.findIndex((line) => line.includes("Address"));
    const last = lines.findIndex((line) => line.includes("claude mcp add"));
    // With the heading in front.
    expect(last - first + 2).toBeLessThanOrEqual(6);
  });

  it("shows the variables that nobody set at DEBUG", async () => {
    const { stderr } = start("http-server.mjs", { FASTMCP_LOG_FORMAT: "text", FASTMCP_LOG_LEVEL: "DEBUG" });
    await until(() => stderr().includes("FASTMCP_RATE_LIMIT=120 (default)"));
  });
});

describe("a line for each request", () => {
  async function requestTo(env: Record<string, string>): Promise<string> {
    const { child, stderr } = start("http-server.mjs", { FASTMCP_LOG_FORMAT: "text", ...env });
    await until(() => /http:\/\/[\w.]+:\d+/.test(stderr()));
    const [origin] = /http:\/\/[\w.]+:\d+/.exec(stderr()) as RegExpExecArray;
    await (await fetch(`${origin}/mcp?secret=1`, { method: "PUT" })).text();
    child.kill("SIGTERM");
    await once(child, "close");
    return stderr();
  }

  it("is written where it is asked for, without the query", async () => {
    const log = await requestTo({ FASTMCP_LOG_REQUESTS: "true" });
    expect(log).toMatch(/PUT \/mcp: 405/);
    expect(log).not.toContain("secret");
  });

  it("is not written by itself where no terminal shows the log, whatever its format", async () => {
    expect(await requestTo({})).not.toContain("PUT /mcp");
  });
});

describe("a server whose log goes to a collector", () => {
  it("writes one line of JSON each, with severity and message, to standard output", async () => {
    const env = { FASTMCP_LOG_FORMAT: "google-cloud", FASTMCP_LOG_STREAM: "stdout" };
    const { child, stdout, stderr } = start("http-server.mjs", env);
    await until(() => stdout().includes("MCP clients connect to"));
    child.kill("SIGTERM");
    await once(child, "close");
    const lines = stdout().trimEnd().split("\n");
    for (const line of lines.map((text) => JSON.parse(text))) {
      expect(line).toMatchObject({
        severity: expect.any(String),
        message: expect.any(String),
        time: expect.any(String),
      });
    }
    expect(lines.map((text) => JSON.parse(text).severity)).toEqual(expect.arrayContaining(["INFO", "WARNING"]));
    expect(stderr()).toBe("");
  });

  it("can't log to standard output over stdio, where that is the protocol's", async () => {
    const { child, stdout, stderr } = start("stdio-server.mjs", { FASTMCP_LOG_STREAM: "stdout" });
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(stderr()).toContain("FASTMCP_LOG_STREAM");
    expect(stderr()).toContain("Leave it at stderr");
    expect(stdout()).toBe("");
  });
});
