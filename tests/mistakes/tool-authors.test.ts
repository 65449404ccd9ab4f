import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { startDevAuth0 } from "dev-auth0";
import { createServer, type ProtectedServer } from "mcp-env-auth";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import * as z3 from "zod/v3";
import { startInProcess, until } from "../support/in-process.ts";
import { MASKED, type Mistake, NOTHING_SERVED, tableOf } from "./table.ts";

type Register = (server: ProtectedServer) => unknown;

const OPEN = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
const AUTH0 = {
  FASTMCP_ENV_FILE: "",
  FASTMCP_SERVER_AUTH: "auth0",
  FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: "https://tenant.auth0.com/.well-known/openid-configuration",
  FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "client",
  FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "a-secret-of-the-tests-alone-0123456789",
  FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "https://api.example.com",
  FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: "https://mcp.example.com",
};
const tool =
  (handler: () => unknown, config: object = {}): Register =>
  (server) =>
    server.registerTool("forecast", config, handler as never);
const config = (fields: object) => tool(() => "sunny", fields);

/** Mistakes that show when something is called. */
const CALLED: readonly (Mistake & { readonly register: Register; readonly method?: string })[] = [
  {
    mistake: '`throw "no such city"`',
    client: MASKED,
    terminal: "The tool forecast threw a string. Throw an Error, which says where, or a ToolError for the user.",
    register: tool(() => {
      throw "no such city";
    }),
  },
  {
    mistake: "`throw null`",
    client: MASKED,
    terminal: "The tool forecast threw null. Throw an Error, which says where, or a ToolError for the user.",
    register: tool(async () => {
      throw null;
    }),
  },
  {
    mistake: "a forgotten `return`",
    client: MASKED,
    terminal: 'The tool forecast returned nothing. Is a `return` missing? Return a text such as "Done.".',
    register: tool(() => undefined),
  },
  {
    mistake: "a result that the `outputSchema` refuses",
    client: MASKED,
    terminal:
      "The tool forecast returned a result that its outputSchema refuses: high: Invalid input: expected number, received string.",
    register: tool(() => ({ high: "7" }), { outputSchema: z.object({ high: z.number() }) }),
  },
  {
    mistake: "a Map in the result",
    client: MASKED,
    terminal:
      "The tool forecast returned a Map at `days`. JSON writes it as {}. Return Object.fromEntries(map), or an array.",
    register: tool(() => ({ days: new Map([["mon", 7]]) })),
  },
  {
    mistake: "a Promise in the result",
    client: MASKED,
    terminal: "The tool forecast returned a Promise at `days[0]`. Await it before you return.",
    register: tool(() => ({ days: ["mon"].map(async (day) => day) })),
  },
  {
    mistake: "an image without data",
    client: MASKED,
    terminal:
      "The tool forecast returned a result that MCP does not allow, at `content[0].data`: it must be a text, and is missing.",
    register: tool(() => ({ content: [{ type: "image", mimeType: "image/png" }] })),
  },
  {
    mistake: "a prompt that returns nothing",
    client: MASKED,
    terminal: "The prompt forecast returned nothing. Is a `return` missing? Return a text, or { messages: […] }.",
    register: (server) => server.registerPrompt("forecast", {}, (() => undefined) as never),
    method: "prompts/get",
  },
];

/** Mistakes that end the start. */
const STARTED: readonly (Mistake & { readonly register: Register; readonly env?: Record<string, string> })[] = [
  {
    mistake: "a date in a schema: `z.object({ at: z.date() })`",
    client: NOTHING_SERVED,
    terminal:
      "The tool forecast: inputSchema, at `at`: it can't become JSON Schema: Date cannot be represented in JSON Schema. JSON has no dates: use z.iso.datetime() or z.iso.date(), and new Date(…) in the handler.",
    register: config({ inputSchema: z.object({ at: z.date() }) }),
  },
  {
    mistake: "an argument that JSON does not have: `z.bigint()`",
    client: NOTHING_SERVED,
    terminal: "JSON has no BigInt: use z.int(), or a string of digits.",
    register: config({ inputSchema: z.object({ id: z.bigint() }) }),
  },
  {
    mistake: "a schema of zod 3",
    client: NOTHING_SERVED,
    terminal:
      "The tool forecast: inputSchema: it is a schema of zod 3, which can't make JSON Schema. Install zod 4.2 or later",
    register: config({ inputSchema: z3.object({ city: z3.string() }) }),
  },
  {
    mistake: 'a tool name that clients refuse: `"get forecast"`',
    client: NOTHING_SERVED,
    terminal:
      'The tool "get forecast" has a name that clients refuse: it may have 1 to 128 of A-Z, a-z, 0-9, _, - and the dot. Call it get_forecast, and give it its name for people as title.',
    register: (server) => server.registerTool("get forecast", {}, () => "x"),
  },
  {
    mistake: "the same name twice",
    client: NOTHING_SERVED,
    terminal: "The tool forecast is registered twice.",
    register: (server) => [config({})(server), config({})(server)],
  },
  {
    mistake: 'a misspelt field: `requiredScope: ["weather:read"]`',
    client: NOTHING_SERVED,
    terminal: "The tool forecast is registered with requiredScope, which is no field. Did you mean requiredScopes?",
    register: config({ requiredScope: ["weather:read"] }),
  },
  {
    mistake: '`{id}` in the URI of a resource: `"weather://{id}"`',
    client: NOTHING_SERVED,
    terminal:
      'The resource city is registered under "weather://{id}", where {id} is text and stands for nothing. For a template, import { ResourceTemplate } from "mcp-env-auth/sdk"',
    register: (server) => server.registerResource("city", "weather://{id}", {}, () => "x"),
  },
  {
    mistake: "something else in the place of a `ResourceTemplate`",
    client: NOTHING_SERVED,
    terminal:
      'The resource city is registered under neither a URI nor a template. Import { ResourceTemplate } from "mcp-env-auth/sdk"',
    register: (server) => server.registerResource("city", { uri: "weather://oslo" } as never, {}, () => "x"),
  },
  {
    mistake: "a registration after the start",
    client: "what was registered before",
    terminal: "The tool late is registered after the server started. Register everything before run() or app().",
    register: async (server) => {
      await server.app();
      server.registerTool("late", {}, () => "x");
    },
  },
  {
    mistake: "`requiredRoles` without a claim that lists them",
    client: NOTHING_SERVED,
    terminal:
      "forecast: required roles can't be enforced, since nothing says which claim of the access token lists the user's roles.",
    register: config({ requiredRoles: ["admin"] }),
    env: AUTH0,
  },
];

/** Mistakes that take a process of their own. */
const OTHERS = {
  version: {
    mistake: "`createServer()` without a version, in JavaScript",
    client: NOTHING_SERVED,
    terminal: "createServer() needs a version, as text.",
  },
  import: {
    mistake: 'a wrong import: `import { ResourceTemplate } from "mcp-env-auth"`',
    client: NOTHING_SERVED,
    terminal: "does not provide an export named 'ResourceTemplate'",
  },
  await: {
    mistake: "a forgotten `await` that rejects",
    client: "the answer",
    terminal:
      "A promise rejected, and nobody waited for it: likely an `await` is missing. Await it, or add .catch(). It was begun by a call of the tool forgets. The server stays up.",
  },
  timer: {
    mistake: "a throw in a timer, an event or a callback",
    client: "the answer; then the server ends, and with `FASTMCP_DEV=true` it stays up",
    terminal:
      "An error was thrown where nobody catches it: likely in a timer, an event or a callback. Catch it there. It was begun by the tool timer. The server finishes the requests in flight, and ends with code 1.",
  },
  scope: {
    mistake: "a scope that the provider's API does not have, or a typo in one",
    client:
      "needs the scope weather:flyy, which the identity provider did not grant to this login. Ask whoever manages the account for it, then log in again.",
    terminal:
      "The provider did not grant all that a login asked for: weather:flyy. Calls that need these scopes are refused. Either the user lacks the permission or role, or the provider's API has no such scope, or its name is misspelled here.",
  },
} satisfies Record<string, Mistake>;

async function serve(register: Register, env: Record<string, string> = OPEN) {
  const lines: { level: string; message: string; fields: { reference?: string } }[] = [];
  const log = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields });
  const logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  const server = createServer({ name: "Mistakes", version: "1.0.0", env, logger });
  onTestFinished(() => server.close());
  await register(server);
  const app = await server.app();
  return { app, lines };
}

describe("a mistake of a tool's author", () => {
  it.each(CALLED)("is a line in the log with the remedy, and masked for the client: $mistake", async (row) => {
    const { app, lines } = await serve(row.register);
    const listener = createHttpServer(app).listen(0, "127.0.0.1");
    await once(listener, "listening");
    onTestFinished(() => void listener.close());
    const { method = "tools/call" } = row;
    const answer = await fetch(`http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { name: "forecast", arguments: {} } }),
    });
    const text = await answer.text();
    expect(text).toContain(row.client);
    const [, reference] = /look up ([\w-]{36}) in the log/.exec(text) ?? [];
    const line = lines.find(({ fields }) => fields.reference === reference);
    expect(line).toMatchObject({ level: "error", message: expect.stringContaining(row.terminal) });
  });

  it.each(STARTED)("ends the start with the remedy: $mistake", async ({ register, env, terminal }) => {
    const start = async () => serve(register, env);
    await expect(start()).rejects.toMatchObject({ name: "ConfigError", message: expect.stringContaining(terminal) });
  });

  it.each([
    [OTHERS.version, 'import { createServer } from "mcp-env-auth"; createServer({ name: "x" });'],
    [OTHERS.import, 'import { ResourceTemplate } from "mcp-env-auth";'],
  ])("ends the process with the remedy: $mistake", async ({ terminal }, code) => {
    const { failed, stderr } = await runModule(["--input-type=module", "-e", code]);
    expect(failed).toBe(true);
    expect(stderr).toContain(terminal);
  });

  it.each([
    ["forgets", OTHERS.await, false],
    ["timer", OTHERS.timer, true],
  ])("is told by what began it: %s", async (name, { terminal }, ends) => {
    const call = `
      process.argv.push("x");
      const { log } = console;
      const write = process.stderr.write.bind(process.stderr);
      const told = new Promise((resolve) => {
        process.stderr.write = (text, ...rest) => {
          if (text.includes("It was begun by")) resolve();
          return write(text, ...rest);
        };
      });
      console.log = async (text) => {
        const [, url] = /^at (.*)/.exec(text) ?? [];
        const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
        const params = { name: "${name}", arguments: {} };
        const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params });
        if (!url) return;
        log(await (await fetch(url, { method: "POST", headers, body })).text());
        await told;
        process.kill(process.pid);
      };
      await import("./tests/fixtures/stray-server.mjs");`;
    const { failed, stderr, stdout } = await runModule(["--input-type=module", "-e", call]);
    expect(failed).toBe(ends);
    expect(stdout).toContain("begun");
    expect(stderr).toContain(terminal);
  });

  it(`is told at the first login: ${OTHERS.scope.mistake}`, async () => {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    const { origin, getTokens, call, lines } = await startInProcess({
      auth0,
      register: (server) => server.registerTool("fly", { requiredScopes: ["weather:flyy"] }, () => "x"),
    });
    await until(async () => (await fetch(`${origin}/readyz`)).ok);
    const { access_token } = await getTokens();
    const params = { name: "fly", arguments: {} };
    const answer = await call(access_token, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain(OTHERS.scope.client);
    const warning = lines.find(({ fields }) => "event" in fields && fields.event === "scopes-withheld");
    expect(warning).toMatchObject({ level: "warn", message: expect.stringContaining(OTHERS.scope.terminal) });
  });

  it("stands in docs/mistakes.md as it shows", () => {
    const { found, expected } = tableOf("Mistakes of tool authors", [...CALLED, ...STARTED, ...Object.values(OTHERS)]);
    expect(found).toEqual(expected);
  });
});

function runModule(args: readonly string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const env = { PATH: process.env.PATH, ...OPEN, FASTMCP_PORT: "0" };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd, env }, (error, stdout, stderr) => {
      resolve({ failed: error !== null, stdout, stderr });
    });
  });
}
