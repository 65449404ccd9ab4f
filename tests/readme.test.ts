import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { npmCommand } from "../scripts/support/npm.mjs";
import { CLIENT_KINDS, connect } from "./support/clients.ts";
import { cleanEnvironment, repository, runNode, temporaryDirectory } from "./support/scaffolder.ts";

const README = readFileSync(path.join(repository, "README.md"), "utf8");
const MODULES: Readonly<Record<string, string>> = {
  "mcp-env-auth": "packages/mcp-env-auth",
  "dev-auth0": "packages/dev-auth0",
  zod: "node_modules/zod",
};

/** The README's block for a file that it names. */
function printed(file: string): string {
  const start = README.indexOf(`\n\`${file}\`:\n`);
  const [, text] = /```\w+\n(.*?)```/s.exec(README.slice(start)) ?? [];
  if (start === -1 || text === undefined) {
    throw new Error(`The README does not print ${file}.`);
  }
  return text;
}

/** The arguments that the README gives to a command. */
function printedArguments(command: string): string[] {
  const line = README.split("\n").find((text) => text.startsWith(`${command} `));
  return line?.slice(command.length + 1).split(" ") ?? [];
}

describe("the README's Greeter", () => {
  let folder: string;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(() => {
    folder = temporaryDirectory();
  });

  afterAll(async () => {
    await Promise.all(stops.map((stop) => stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs as printed, against the printed dev-auth0, and greets who is logged in", async () => {
    for (const step of ["npm init -y", "npm pkg set type=module"]) {
      expect(README).toContain(`\n${step}\n`);
      const [program, ...npm] = npmCommand("npm");
      execFileSync(program, [...npm, ...step.split(" ").slice(1)], {
        cwd: folder,
        env: cleanEnvironment(folder),
        stdio: "ignore",
      });
    }
    const installed = printedArguments("npm install").map((name) => path.posix.basename(name));
    expect(installed.sort()).toEqual(Object.keys(MODULES).sort());
    mkdirSync(path.join(folder, "node_modules"));
    for (const name of installed) {
      symlinkSync(path.join(repository, MODULES[name] ?? name), path.join(folder, "node_modules", name), "junction");
    }

    const [port, auth0Port] = [await freePort(), await freePort()];
    const onFreePorts = (text: string) => text.replaceAll(":8000", `:${port}`).replaceAll(":4400", `:${auth0Port}`);
    writeFileSync(path.join(folder, "server.js"), printed("server.js"));
    writeFileSync(path.join(folder, ".env"), onFreePorts(printed(".env")));
    const auth0 = await startProcess({
      name: "dev-auth0",
      script: path.join(folder, "node_modules/dev-auth0/dist/cli.js"),
      args: [...printedArguments("npx dev-auth0"), "--port", String(auth0Port)],
      readyUrl: `http://localhost:${auth0Port}/.well-known/openid-configuration`,
    });
    stops.push(auth0.stop);
    expect(README).toContain("\nnode server.js\n");
    const server = await startProcess({
      name: "The Greeter",
      script: path.join(folder, "server.js"),
      env: { FASTMCP_PORT: String(port) },
      readyUrl: `http://localhost:${port}/readyz`,
    });
    stops.push(server.stop);

    expect(README).toContain(`\nnpx mcp-env-auth call greet '{"greeting":"Hello"}' --as alice\n`);
    const called = await runNode(
      path.join(folder, "node_modules/mcp-env-auth/dist/bundle/cli.js"),
      ["call", "greet", '{"greeting":"Hello"}', "--as", "alice"],
      { cwd: folder },
    );
    expect(called, called.stderr).toMatchObject({ code: 0, stdout: "Hello, auth0|alice!\n" });

    for (const kind of CLIENT_KINDS) {
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const session = await connect({ kind, url: `http://localhost:${port}/mcp`, oauth });
      expect(await session.callTool("greet", { greeting: "Hello" }), kind).toMatchObject({
        content: [{ type: "text", text: "Hello, auth0|alice!" }],
      });
      await session.close();
    }
  });
});
