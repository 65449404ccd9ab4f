import path from "node:path";
import { describe, expect, it } from "vitest";
import type { GivenAnswers } from "./answers.ts";
import type { DiscoveryCheck } from "./discovery-check.ts";
import { askForAnswers, type PromptContext } from "./prompts.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";
import { CTRL_C, CTRL_D, createTerminal, DOWN, ENTER, type Terminal } from "./testing/terminal.ts";

const FOUND: DiscoveryCheck = { outcome: "found", message: "Found https://t.us.auth0.com/." };
const NOTHING: GivenAnswers = { packageManager: { name: "pnpm" }, template: "weather" };

function ask(terminal: Terminal, given: GivenAnswers = NOTHING, context: Partial<PromptContext> = {}) {
  const { input, output } = terminal;
  const cwd = temporaryFolder();
  const answers = askForAnswers(given, {
    input,
    output,
    cwd,
    refuseTarget: () => undefined,
    checkDiscovery: async () => FOUND,
    ...context,
  });
  return { answers, cwd };
}

describe("the questions", () => {
  it("are four with a local stand-in, each answered by Enter", async () => {
    const terminal = createTerminal();
    const { answers, cwd } = ask(terminal);
    await terminal.type("Where shall the project go?", ENTER);
    await terminal.type("Local Auth0 for now, or your tenant?", ENTER);
    await terminal.type("Install dependencies with pnpm?", ENTER);
    await terminal.type("Start a git repository?", ENTER);
    expect(await answers).toEqual({
      project: { directory: path.join(cwd, "my-mcp-server"), packageName: "my-mcp-server" },
      template: "weather",
      auth: { kind: "local" },
      baseUrl: "http://localhost:8000",
      scopes: ["openid", "weather:read"],
      install: true,
      git: true,
      packageManager: { name: "pnpm" },
    });
  });

  it("go through a tenant's settings, and show no secret", async () => {
    const terminal = createTerminal();
    const { answers } = ask(terminal);
    await terminal.type("Where shall the project go?", `weather${ENTER}`);
    await terminal.type("your tenant?", `${DOWN}${ENTER}`);
    await terminal.type("Auth0 domain", `https://T.us.auth0.com/login${ENTER}`);
    await terminal.type("Found https://t.us.auth0.com/.", "");
    await terminal.type("Client id", `abc123${ENTER}`);
    await terminal.type("Client secret", `hush-hush${ENTER}`);
    await terminal.type("Audience", `https://api.example.com${ENTER}`);
    await terminal.type("Scopes", ENTER);
    await terminal.type("Install dependencies", `n`);
    await terminal.type("Start a git repository?", `n`);
    expect(await answers).toMatchObject({
      auth: {
        kind: "tenant",
        domain: { host: "t.us.auth0.com" },
        clientId: "abc123",
        clientSecret: "hush-hush",
        audience: "https://api.example.com",
      },
      scopes: ["openid", "weather:read"],
      install: false,
      git: false,
    });
    expect(terminal.shown()).not.toContain("hush");
  });

  it("may be left for later", async () => {
    const terminal = createTerminal();
    const { answers } = ask(terminal);
    await terminal.type("Where shall the project go?", ENTER);
    await terminal.type("your tenant?", `${DOWN}${ENTER}`);
    for (const question of ["Auth0 domain", "Client id", "Client secret", "Audience", "Scopes", "Install", "git"]) {
      await terminal.type(question, ENTER);
    }
    expect((await answers).auth).toEqual({ kind: "tenant" });
  });

  it("are not asked again when the command line answered them", async () => {
    const terminal = createTerminal();
    const project = { directory: "/srv/app", packageName: "app" };
    const { answers } = ask(terminal, { ...NOTHING, project, auth: { kind: "local" }, install: false, git: false });
    expect((await answers).project).toBe(project);
    expect(terminal.shown()).not.toContain("?");
  });

  it("say what is wrong with an answer and ask again", async () => {
    const terminal = createTerminal();
    const refuseTarget = (directory: string) => (directory.endsWith("full") ? "That one is not empty." : undefined);
    const { answers } = ask(
      terminal,
      { ...NOTHING, auth: { kind: "local" }, install: true, git: true },
      { refuseTarget },
    );
    await terminal.type("Where shall the project go?", `full${ENTER}`);
    await terminal.type("That one is not empty.", `er${ENTER}`);
    expect((await answers).project.packageName).toBe("fuller");
  });

  it("ask for the domain again when there is no tenant there", async () => {
    const terminal = createTerminal();
    const checks: string[] = [];
    const checkDiscovery = async ({ host }: { host: string }): Promise<DiscoveryCheck> => {
      checks.push(host);
      return host.startsWith("wrong") ? { outcome: "wrong", message: "There is no tenant at wrong." } : FOUND;
    };
    const project = { directory: "/srv/app", packageName: "app" };
    const given: GivenAnswers = {
      ...NOTHING,
      project,
      auth: { kind: "tenant", clientId: "c", clientSecret: "s", audience: "a" },
    };
    const { answers } = ask(terminal, { ...given, scopes: ["openid"], install: true, git: true }, { checkDiscovery });
    await terminal.type("Auth0 domain", `t.us.auth0.co${ENTER}`);
    await terminal.type("did you mean t.us.auth0.com?", `${"\u007f".repeat(20)}wrong.us.auth0.com${ENTER}`);
    await terminal.type("There is no tenant at wrong.", "");
    await terminal.type("Auth0 domain", `t.us.auth0.com${ENTER}`);
    expect((await answers).auth).toMatchObject({ domain: { host: "t.us.auth0.com" } });
    expect(checks).toEqual(["wrong.us.auth0.com", "t.us.auth0.com"]);
  });

  it.each([
    ["Where shall the project go?", []],
    ["your tenant?", [ENTER]],
    ["Install dependencies", [ENTER, ENTER]],
  ])("end with exit code 130 on Ctrl-C at %j", async (question, before) => {
    const terminal = createTerminal();
    const { answers } = ask(terminal);
    const ended = expect(answers).rejects.toMatchObject({ exitCode: 130, message: "Cancelled, nothing was written." });
    const questions = ["Where shall the project go?", "your tenant?"];
    for (const [index, keys] of before.entries()) {
      await terminal.type(questions[index] ?? "", keys);
    }
    await terminal.type(question, CTRL_C);
    await ended;
  });

  it("end with exit code 130 on Ctrl-D, which stops the reading", async () => {
    const terminal = createTerminal();
    const { answers } = ask(terminal);
    const ended = expect(answers).rejects.toMatchObject({ exitCode: 130, message: "Cancelled, nothing was written." });
    await terminal.type("Where shall the project go?", CTRL_D);
    await ended;
  });

  it("end with exit code 130 when the terminal is closed", async () => {
    const terminal = createTerminal();
    const { answers } = ask(terminal);
    const ended = expect(answers).rejects.toMatchObject({ exitCode: 130 });
    await terminal.type("Where shall the project go?", ENTER);
    await terminal.type("your tenant?", "");
    terminal.input.end();
    await ended;
  });

  it("end with exit code 130 on Ctrl-C while the domain is looked at, without waiting for it", async () => {
    const terminal = createTerminal();
    const checkDiscovery = (_domain: unknown, signal: AbortSignal) =>
      new Promise<DiscoveryCheck>((resolve) => {
        signal.addEventListener("abort", () => resolve({ outcome: "unknown", message: "Could not check." }));
      });
    const project = { directory: "/srv/app", packageName: "app" };
    const { answers } = ask(terminal, { ...NOTHING, project, auth: { kind: "tenant" } }, { checkDiscovery });
    const ended = expect(answers).rejects.toMatchObject({ exitCode: 130, message: "Cancelled, nothing was written." });
    await terminal.type("Auth0 domain", `t.us.auth0.com${ENTER}`);
    await terminal.type("Looking at t.us.auth0.com", "");
    process.emit("SIGINT");
    await ended;
  });
});
