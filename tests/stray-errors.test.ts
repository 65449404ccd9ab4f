import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { until } from "./support/in-process.ts";

const FIXTURE = fileURLToPath(new URL("fixtures/stray-server.mjs", import.meta.url));

async function start({ wants = [], env = {} }: { wants?: readonly string[]; env?: Record<string, string> }) {
  const child = spawn(process.execPath, [FIXTURE, ...wants], {
    env: { PATH: process.env.PATH, FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none", FASTMCP_PORT: "0", ...env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  const ended = once(child, "close").then(([code]) => code as number);
  onTestFinished(() => void (child.exitCode === null && child.kill("SIGKILL")));
  return {
    output,
    ended,
    isUp: () => child.exitCode === null,
    call(name: string): Promise<string> {
      return this.ask("tools/call", { name, arguments: {} });
    },
    async ask(method: string, params: object): Promise<string> {
      await until(() => output.stdout.includes("at http"));
      const url = /at (\S+)/.exec(output.stdout)?.[1] ?? "";
      const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      return (await fetch(url, { method: "POST", headers, body })).text();
    },
    errors: () =>
      output.stderr
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as { level: number; msg: string; handler?: string; err?: { message: string } })
        .filter(({ level }) => level === 50),
  };
}

describe("an error that nobody caught", () => {
  it.each([
    ["forgets", "the database is gone"],
    ["null", "null was thrown"],
    ["pipe", "write EPIPE"],
  ])("is logged with the tool where a call began a rejection, and the server stays up: %s", async (tool, message) => {
    const server = await start({});
    expect(await server.call(tool)).toContain("begun");
    await until(() => server.errors().length === 1);
    const [line] = server.errors();
    expect(line?.msg).toContain("A promise rejected, and nobody waited for it: likely an `await` is missing.");
    expect(line?.msg).toContain(`It was begun by a call of the tool ${tool}.`);
    expect(line).toMatchObject({ handler: `The tool ${tool}`, reference: expect.stringMatching(/^[\w-]{36}$/) });
    expect(line?.err?.message).toContain(message);
    expect(await server.call("slow")).toContain("slow ended");
    expect(server.isUp()).toBe(true);
  });

  it.each([
    ["prompts/get", { name: "forgetful" }, "The prompt forgetful"],
    ["resources/read", { uri: "test://forgetful" }, "The resource forgetful"],
    [
      "completion/complete",
      { ref: { type: "ref/prompt", name: "suggests" }, argument: { name: "city", value: "x" } },
      "completion/complete",
    ],
  ])("stays a matter of the request that began it: %s", async (method, params, label) => {
    const server = await start({});
    expect(await server.ask(method, params)).toContain("begun");
    await until(() => server.errors().length === 1);
    expect(server.errors()[0]?.handler).toContain(label);
    expect(await server.call("slow")).toContain("slow ended");
    expect(server.isUp()).toBe(true);
  });

  it("fills no log: what one tool rejects with is one line a minute", async () => {
    const server = await start({});
    for (let call = 0; call < 5; call++) {
      await server.call("many");
    }
    await server.call("forgets");
    await until(() => server.errors().length === 2);
    expect(await server.call("slow")).toContain("slow ended");
    expect(server.errors().map(({ handler }) => handler)).toEqual(["The tool many", "The tool forgets"]);
  });

  it("ends the process with 1 where it was thrown, with the likely cause and the tool", async () => {
    const server = await start({});
    expect(await server.call("timer")).toContain("begun");
    expect(await server.ended).toBe(1);
    const [line] = server.errors();
    expect(line?.msg).toContain("An error was thrown where nobody catches it");
    expect(line?.msg).toContain("It was begun by the tool timer.");
    expect(line?.err?.message).toContain("the timer failed");
  });

  it("ends the process with 1 where no call began the rejection", async () => {
    const server = await start({ wants: ["rejects"] });
    expect(await server.ended).toBe(1);
    expect(server.errors()[0]?.msg).toContain("A promise rejected, and nobody waited for it");
  });

  it("ends the process with 1 where Node's settings ask for that", async () => {
    const server = await start({ env: { NODE_OPTIONS: "--unhandled-rejections=strict" } });
    await server.call("forgets");
    expect(await server.ended).toBe(1);
    expect(server.errors()).toHaveLength(1);
  });

  it("lets requests in flight finish first", async () => {
    const server = await start({});
    const slow = server.call("slow");
    await until(() => server.output.stdout.includes("slow began"));
    await server.call("timer");
    expect(await slow).toContain("slow ended");
    expect(await server.ended).toBe(1);
  });

  it.each([
    ["checked", 0],
    ["twice", 1],
    ["unawaited", 0],
  ])("is none where an author awaits what a library drops, or the result is refused: %s", async (tool, dropped) => {
    const server = await start({});
    for (let call = 1; call <= 3; call += 1) {
      expect(await server.call(tool)).toContain("Something went wrong in the server.");
      await until(() => server.errors().length === call + dropped);
    }
    expect(await server.call("slow")).toContain("slow ended");
    expect(server.isUp()).toBe(true);
    expect(server.errors()).toHaveLength(3 + dropped);
    expect(server.errors().every(({ msg }) => msg.startsWith(`The tool ${tool}`))).toBe(true);
  });

  it("leaves the server up with FASTMCP_DEV", async () => {
    const server = await start({ env: { FASTMCP_DEV: "true" } });
    for (const tool of ["timer", "late"]) {
      await server.call(tool);
    }
    await until(() => server.errors().length === 2);
    expect(await server.call("slow")).toContain("slow ended");
    expect(server.isUp()).toBe(true);
    expect(server.errors().every(({ msg }) => msg.includes("FASTMCP_DEV is true"))).toBe(true);
  });

  it("of a configuration, such as a late registration, is told in its own words", async () => {
    const server = await start({});
    await server.call("late");
    expect(await server.ended).toBe(1);
    const [line] = server.errors();
    expect(line?.msg).toContain("The tool more is registered after the server started.");
    expect(line).not.toHaveProperty("err");
  });

  it("of a configuration is told in its own words in a rejection as well", async () => {
    const server = await start({});
    await server.call("lateasync");
    await until(() => server.errors().length === 1);
    expect(server.errors()[0]?.msg).toContain("The tool more is registered after the server started.");
    expect(server.errors()[0]).not.toHaveProperty("err");
    expect(server.isUp()).toBe(true);
  });

  it.each(["own-before", "own-after"])("is left to a handler of the program's own: %s", async (when) => {
    const server = await start({ wants: [when] });
    await server.call("timer");
    await until(() => server.output.stdout.includes("own uncaughtException"));
    await server.call("forgets");
    await until(() => server.output.stdout.split("own uncaughtException").length === 3);
    expect(await server.call("slow")).toContain("slow ended");
    expect(server.errors()).toEqual([]);
  });

  it.each(["app", "close"])("is nobody's matter without a running server: %s", async (what) => {
    const server = await start({ wants: [what] });
    expect(await server.ended).toBe(0);
    expect(server.output.stdout).toContain("listeners 0");
  });
});
