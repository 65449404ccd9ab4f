import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNode } from "../support/scaffolder.ts";
import { type Published, publish } from "./support/published.ts";

/** Projects without zod 4, each with what it installs and how its tool is registered. */
const PROJECTS: Readonly<Record<string, { readonly dependencies: Record<string, string>; readonly code: string }>> = {
  arktype: {
    dependencies: { arktype: "^2.1.28" },
    code: `import { type } from "arktype";\nconst inputSchema = type({ city: "string" });`,
  },
  valibot: {
    dependencies: { valibot: "^1.2.0", "@valibot/to-json-schema": "^1.5.0" },
    code: `import * as v from "valibot";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
const inputSchema = toStandardJsonSchema(v.object({ city: v.string() }));`,
  },
  "zod 3": {
    dependencies: { zod: "^3.25.76" },
    code: `import { z } from "zod";
import { fromJsonSchema } from "mcp-env-auth/sdk";
z.object({ city: z.string() }).parse({ city: "Oslo" });
const inputSchema = fromJsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] });`,
  },
};

const SERVE = `
import { createServer } from "mcp-env-auth";
const env = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none", FASTMCP_LOG_LEVEL: "ERROR" };
const server = createServer({ name: "test", version: "1", env });
server.registerTool("greet", { inputSchema }, ({ city }) => "Hello " + city);
const { url } = await server.run({ port: 0 });
const ask = async (method, params) => {
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  return (await fetch(url, { method: "POST", headers, body })).text();
};
console.log(await ask("tools/list", {}));
console.log(await ask("tools/call", { name: "greet", arguments: { city: "Oslo" } }));
console.log(await ask("tools/call", { name: "greet", arguments: { city: 7 } }));
await server.close();
`;

/** A policy file is checked by zod 4, whatever the project has. */
const POLICY = `
import { createServer as again } from "mcp-env-auth";
import { writeFileSync } from "node:fs";
writeFileSync("policy.json", JSON.stringify({ tools: { greet: { requiredScopess: ["x"] } } }));
const refusing = again({ name: "test", version: "1", env: { ...env, FASTMCP_AUTHORIZATION_FILE: "policy.json" } });
await refusing.app().then(() => console.log("taken"), (error) => console.log(error.message));
`;

let published: Published;

beforeAll(async () => {
  published = await publish();
}, 240_000);

afterAll(() => published?.close());

describe("a project with another library for schemas", { timeout: 240_000 }, () => {
  it.each(Object.keys(PROJECTS))("installs without flags, and its tools are listed and called: %s", async (name) => {
    const { dependencies = {}, code = "" } = PROJECTS[name] ?? {};
    const project = path.join(published.home, name.replace(" ", "-"));
    mkdirSync(project);
    const manifest = {
      name: "consumer",
      private: true,
      type: "module",
      dependencies: { "mcp-env-auth": "*", ...dependencies },
    };
    writeFileSync(path.join(project, "package.json"), JSON.stringify(manifest));
    writeFileSync(path.join(project, "server.mjs"), `${code}\n${SERVE}\n${POLICY}`);
    const installed = await published.npm(["install", "--no-audit", "--no-fund"], project);
    expect(installed.code, installed.stdout + installed.stderr).toBe(0);
    const {
      code: ended,
      stdout,
      stderr,
    } = await runNode(path.join(project, "server.mjs"), [], { cwd: project, env: published.env });
    expect({ ended, stderr }).toEqual({ ended: 0, stderr: "" });
    expect(stdout).toContain('"name":"greet"');
    expect(stdout).toContain("Hello Oslo");
    expect(stdout).toContain("Input validation error");
    expect(stdout).toMatch(/requiredScopess/);
  });
});
