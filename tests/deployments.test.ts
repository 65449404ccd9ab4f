import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { embeddedFiles, embedFiles } from "../scripts/support/embed-files.mjs";
import { repository, runNode, temporaryDirectory } from "./support/scaffolder.ts";

const PAGES = path.join(repository, "docs/deploy");
const FILES = path.join(repository, "deploy");
const COMMAND = path.join(repository, "packages/create-mcp-auth0-server/dist/create-mcp-auth0-server.cjs");

const page = (name: string) => readFileSync(path.join(PAGES, name), "utf8");
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
const offered = Array.from(page("README.md").matchAll(/^\|[^|]+\| `([a-z][a-z-]*)` \|/gm), ([, name = ""]) => name);

describe("docs/deploy", () => {
  const names = readdirSync(PAGES);

  it.each(names)("%s shows the files as they are, and says what was run", (name) => {
    expect(page(name), "Run node scripts/generate-docs.mjs").toBe(
      embedFiles(page(name), new URL(`file://${repository}/`)),
    );
    if (name !== "README.md" && name !== "checklist.md") {
      expect(page(name)).toMatch(/\*\*Not run(:|\.)\*\*/);
    }
  });

  it("has no variable that the server does not read", () => {
    const reference = readFileSync(path.join(repository, "docs/environment.md"), "utf8");
    const texts = [
      ...filesOf(FILES).map((file) => readFileSync(path.join(FILES, file), "utf8")),
      ...names.map((name) => page(name)),
    ];
    const variables = new Set(texts.flatMap((text) => text.match(/\bFASTMCP_[A-Z0-9_]+[A-Z0-9]/g) ?? []));
    const unknown = [...variables].filter((name) => !reference.includes(`\`${name.replace(/_FILE$/, "")}\``));
    expect(unknown).toEqual(["FASTMCP_ENV_FILE"].filter((name) => unknown.includes(name)));
    expect(variables.size).toBeGreaterThan(15);
  });

  it("shows every file of deploy/, the chart excepted", () => {
    const shown = new Set(names.flatMap((name) => embeddedFiles(page(name))));
    const there = filesOf(FILES).filter((file) => !file.startsWith("helm/"));
    expect([...shown].sort()).toEqual(there.map((file) => `deploy/${file}`));
  });
});

describe("npm create mcp-auth0-server -- --deploy", () => {
  it.each(offered)("%s writes the files of its page, with the address and the name of the project", async (name) => {
    const cwd = temporaryDirectory();
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
    const answers = ["places", "--base-url", "https://mcp.acme.test/tools", "--scopes", "openid"];
    const options = ["--yes", "--no-install", "--no-git", "--deploy", name];
    const { code, stdout, stderr } = await runNode(COMMAND, [...answers, ...options], { cwd });
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`docs/deploy/${name}.md`);
    expect(embeddedFiles(page(`${name}.md`)).sort()).toEqual(
      expect.arrayContaining(filesOf(path.join(FILES, name)).map((file) => `deploy/${name}/${file}`)),
    );
    for (const file of filesOf(path.join(FILES, name))) {
      const text = readFileSync(path.join(cwd, "places", file), "utf8");
      expect(text).not.toMatch(/mcp\.example\.com|mcp-auth0-weather|weather:read/);
      expect(text.match(/https:\/\/mcp\.acme\.test(?!\/tools)/)).toBeNull();
    }
  });

  it("has the variables of another provider, and those alone", async () => {
    const cwd = temporaryDirectory();
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
    const answers = ["places", "--provider", "github", "--base-url", "https://mcp.acme.test"];
    const options = ["--yes", "--no-install", "--no-git", "--deploy", "kubernetes"];
    const { code, stderr } = await runNode(COMMAND, [...answers, ...options], { cwd });
    expect(code, stderr).toBe(0);
    const text = readFileSync(path.join(cwd, "places/deploy/kubernetes.yaml"), "utf8");
    expect(text).toContain("FASTMCP_SERVER_AUTH: fastmcp.server.auth.providers.github.GitHubProvider");
    const names = new Set(Array.from(text.matchAll(/FASTMCP_SERVER_AUTH_(\w+)/g), ([, name = ""]) => name));
    expect([...names].sort()).toEqual([
      "GITHUB_BASE_URL",
      "GITHUB_CLIENT_ID",
      "GITHUB_CLIENT_SECRET_FILE",
      "GITHUB_JWT_SIGNING_KEY_FILE",
    ]);
  });

  it("offers what has a page, and refuses anything else", async () => {
    const cwd = temporaryDirectory();
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
    const { code, stderr } = await runNode(COMMAND, ["places", "--deploy", "nginx"], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining(offered.join(", "))]);
    expect(offered).toHaveLength(7);
  });
});
