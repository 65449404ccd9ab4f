import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { freePort } from "test-support/free-port";
import { type RunningProcess, startProcess } from "test-support/processes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listFiles } from "../../packages/create-mcp-auth0-server/src/template.ts";
import { scaffoldProject } from "../../scripts/support/scaffold.mjs";
import { cleanEnvironment, repository, runNode } from "../support/scaffolder.ts";

const CLI = path.join(repository, "packages/mcp-env-auth/dist/bundle/cli.js");

/** What each command of a template's README answers, in their order. */
const ANSWERS: Readonly<Record<string, readonly RegExp[]>> = {
  minimal: [/Good morning, auth0\|alice!/, /^3$/m],
  api: [/Buy milk/, /Buy milk/, /^\{\s*"notes": \[\]\s*\}|"notes":\s*\[\]/m, /1 notes/],
};

describe.each(Object.entries(ANSWERS))("a project from the template %s, by its own README", (template, answers) => {
  let project: ReturnType<typeof scaffoldProject>;
  let dev: RunningProcess;

  beforeAll(async () => {
    const origin = `http://localhost:${await freePort()}`;
    project = scaffoldProject(`my-${template}`, ["--template", template, "--local", "--base-url", origin]);
    const readme = readFileSync(path.join(project.folder, "README.md"), "utf8");
    const [, tool = ""] = /## Your first tool\n.*?```ts\n(.*?)```/s.exec(readme) ?? [];
    const server = path.join(project.folder, "src/server.ts");
    writeFileSync(
      server,
      readFileSync(server, "utf8").replace(/^await server\.run/m, (run) => `${tool}\n${run}`),
    );
    dev = await startProcess({
      name: "npm run dev",
      script: path.join(project.folder, "scripts/dev.mjs"),
      env: {
        FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: `http://localhost:${await freePort()}/.well-known/openid-configuration`,
      },
      readyUrl: `${origin}/readyz`,
    });
  }, 240_000);

  afterAll(async () => {
    await dev?.stop();
    project?.remove();
  });

  it("answers each command", async () => {
    const readme = readFileSync(path.join(project.folder, "README.md"), "utf8");
    const commands = [...readme.matchAll(/^npx mcp-env-auth call (\S+)(?: '(\{.*\})')? --as (\w+)$/gm)];
    expect(commands).toHaveLength(answers.length);
    const env = { ...cleanEnvironment(project.folder), XDG_STATE_HOME: `${project.folder}-state` };
    for (const [index, [, tool = "", args = "{}", user = ""]] of commands.entries()) {
      const result = await runNode(CLI, ["call", tool, args, "--as", user], { cwd: project.folder, env });
      expect(result, result.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(answers[index] ?? /^$/) });
    }
  });

  it("has types, tests and style that its own check accepts, under its own name", () => {
    const manifest = JSON.parse(readFileSync(path.join(project.folder, "package.json"), "utf8"));
    expect(manifest).toMatchObject({
      name: `my-${template}`,
      scripts: { check: expect.stringContaining("biome check") },
    });
    const run = (program: string, args: readonly string[]) =>
      execFileSync(process.execPath, [path.join(project.folder, "node_modules", program), ...args], {
        cwd: project.folder,
        encoding: "utf8",
      });
    run("typescript/bin/tsc", ["-p", "tsconfig.check.json"]);
    writeFileSync(path.join(project.folder, "src/server.ts"), templateSource(template, `my-${template}`));
    run("@biomejs/biome/bin/biome", ["check", ".", "--error-on-warnings"]);
    const names = listFiles(project.folder).filter(
      (file) => !/^(node_modules|dist|\.env.*|package\.json)\b/.test(file),
    );
    for (const file of names) {
      const text = readFileSync(path.join(project.folder, file), "utf8");
      expect(text, file).not.toMatch(/weather|mcp-auth0-(?!server)|Minimal MCP|Notes MCP/i);
    }
  });
});

/** The template's server, with the project's name. */
function templateSource(template: string, name: string): string {
  const source = readFileSync(path.join(repository, "templates", template, "src/server.ts"), "utf8");
  return source.replace(/"(Minimal|Notes) MCP"/, JSON.stringify(name));
}

it("the minimal template has fewer than 60 lines of source, with its test", () => {
  const folder = path.join(repository, "templates/minimal/src");
  const lines = listFiles(folder).map((file) => readFileSync(path.join(folder, file), "utf8").split("\n").length - 1);
  expect(lines.reduce((sum, count) => sum + count)).toBeLessThan(60);
});
