import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { repository, runNode } from "../support/scaffolder.ts";
import { type Published, publish } from "./support/published.ts";

const DOCUMENTS = [
  "README.md",
  "packages/mcp-env-auth/README.md",
  "packages/dev-auth0/README.md",
  "docs/migrating-from-fastmcp.md",
  "docs/calling-apis.md",
];

/** What snippets name and leave to the reader. */
const LEFT_TO_THE_READER = `import type { McpServer } from "@modelcontextprotocol/server";

declare global {
  function buildMyMcpServer(): McpServer;
  const now: number;
}
`;

const MANIFEST = {
  name: "consumer",
  private: true,
  type: "module",
  dependencies: {
    "@modelcontextprotocol/server": "^2.4.0",
    "@types/express": "^5.0.6",
    "@types/node": "^20.19.43",
    "dev-auth0": "*",
    express: "^5.3.0",
    "mcp-env-auth": "*",
    typescript: "^7.0.2",
    "typescript-5": "npm:typescript@^5.9.0",
    zod: "^4.6.7",
  },
};

const COMPILER_OPTIONS = {
  target: "es2023",
  lib: ["es2023"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

let published: Published;
let project: string;

beforeAll(async () => {
  published = await publish();
  project = path.join(published.home, "consumer");
  mkdirSync(project);
  const write = (name: string, content: unknown) =>
    writeFileSync(path.join(project, name), typeof content === "string" ? content : JSON.stringify(content));
  write("package.json", MANIFEST);
  write("tsconfig.json", { compilerOptions: COMPILER_OPTIONS, include: ["*.ts"] });
  write("left-to-the-reader.ts", LEFT_TO_THE_READER);
  for (const document of DOCUMENTS) {
    for (const [index, snippet] of snippets(document).entries()) {
      write(`${document.replace(/\W/g, "-")}-${index}.ts`, snippet);
    }
  }
  write("providers.ts", 'export * from "mcp-env-auth";\nexport * from "mcp-env-auth/providers";\n');
  const { code, stdout, stderr } = await published.npm(["install", "--no-audit", "--no-fund"], project);
  expect(code, stdout + stderr).toBe(0);
}, 240_000);

afterAll(() => published?.close());

/** The TypeScript in a document. */
function snippets(document: string): string[] {
  const text = readFileSync(path.join(repository, document), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, snippet = ""]) => snippet);
}

describe("a project that installs the published packages", { timeout: 120_000 }, () => {
  it.each(DOCUMENTS)("finds TypeScript to copy in %s", (document) => {
    expect(snippets(document)).not.toEqual([]);
  });

  it.each(["typescript", "typescript-5"])(
    "compiles what the documents say with %s, declarations of libraries too",
    async (compiler) => {
      const tsc = path.join(project, "node_modules", compiler, "bin/tsc");
      const { code, stdout, stderr } = await runNode(tsc, ["-p", "."], { cwd: project, env: published.env });
      expect(code, stdout + stderr).toBe(0);
    },
  );

  it.each([
    ["node16", ["--module", "node16", "--moduleResolution", "node16"]],
    ["bundler", ["--module", "esnext", "--moduleResolution", "bundler"]],
  ])("compiles them as well when modules are resolved as by %s", async (_resolution, options) => {
    const tsc = path.join(project, "node_modules/typescript-5/bin/tsc");
    const { code, stdout, stderr } = await runNode(tsc, ["-p", ".", ...options], { cwd: project, env: published.env });
    expect(code, stdout + stderr).toBe(0);
  });

  it("gets errors where the types are not kept", async () => {
    writeFileSync(
      path.join(project, "wrong.ts"),
      'import { createServer } from "mcp-env-auth";\ncreateServer({ name: "Wrong", version: 1 });\n',
    );
    const tsc = path.join(project, "node_modules/typescript/bin/tsc");
    const { code, stdout } = await runNode(tsc, ["-p", "."], { cwd: project, env: published.env });
    expect(code).not.toBe(0);
    expect(stdout).toContain("wrong.ts(2,");
  });

  it("loads every entry", async () => {
    const script = path.join(project, "load.mjs");
    writeFileSync(
      script,
      `const loaded = [await import("mcp-env-auth"), await import("mcp-env-auth/providers"), await import("dev-auth0")];
console.log(loaded.map((entry) => Object.keys(entry).length > 0).join());\n`,
    );
    const { code, stdout, stderr } = await runNode(script, [], { cwd: project, env: published.env });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "true,true,true\n", stderr: "" });
  });
});
