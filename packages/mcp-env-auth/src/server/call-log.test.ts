import { McpServer, ProtocolError, ResourceTemplate } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { ToolError } from "../errors.ts";
import { createCallLog } from "../http/call-log.ts";
import { serve } from "../http/testing/serve.ts";
import { CLIENT_META, REVISIONS } from "../http/testing/tool-call.ts";
import { createServer, type ProtectedServer } from "../server.ts";
import { protect } from "./protect.ts";
import { stubAuth } from "./testing/stub-auth.ts";

type Revision = (typeof REVISIONS)[number];
type Fields = Readonly<Record<string, unknown>>;

const CALLS = ["tool-called", "prompt-requested", "resource-read"];

/** Keeps the lines that calls are logged as. */
function keepCalls() {
  const calls: Fields[] = [];
  const lines: string[] = [];
  const keep = (fields: object, message: string) => {
    lines.push(JSON.stringify([fields, message]));
    if ("event" in fields && CALLS.includes(String(fields.event))) {
      calls.push(fields as Fields);
    }
  };
  return { calls, lines, logger: { debug: keep, info: keep, warn: keep, error: keep } };
}

const KNOWN = {
  token: "provider-token-of-alice",
  clientId: "client-1",
  scopes: ["read"],
  expiresAt: 2e9,
  claims: {},
  subject: "auth0|alice",
  organization: "org_1",
  login: "login-1",
};

const auth = stubAuth((token) => (token === "good" ? KNOWN : undefined));

const list = { list: undefined };

function register(server: ProtectedServer): void {
  const text = z.object({ text: z.string() });
  server
    .registerTool("echo", { inputSchema: text }, ({ text }) => text)
    .registerTool("says-no", {}, () => {
      throw new ToolError("Not today.");
    })
    .registerTool("breaks", {}, () => {
      throw new Error("dsn=postgres://10.0.0.1");
    })
    .registerTool("times-out", {}, () => {
      throw new DOMException("Too slow", "TimeoutError");
    })
    .registerTool("gives-error", {}, () => ({ isError: true, content: [{ type: "text" as const, text: "no" }] }))
    .registerTool("unwritable", {}, () => ({
      content: [{ type: "text" as const, text: "1" }],
      structuredContent: { big: 1n as never },
    }))
    .registerTool("for-admins", { requiredScopes: ["admin"] }, () => "secret")
    .registerTool("hidden", { requiredScopes: ["admin"], visibility: "hidden" }, () => "secret")
    .registerTool("denies", { authorize: () => false }, () => "secret")
    .registerTool("steps", {}, async ({ mcpReq }) => {
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken: 1, progress: 1 } });
      return "done";
    })
    .registerTool(
      "waits",
      {},
      ({ mcpReq }) =>
        new Promise((_resolve, reject) => {
          mcpReq.signal.addEventListener("abort", () => reject(mcpReq.signal.reason));
        }),
    )
    .registerTool("waits-on", {}, () => new Promise(() => {}))
    .registerPrompt("hello", { argsSchema: z.object({ name: z.string() }) }, ({ name }) => `Hello ${name}`)
    .registerPrompt("fails", {}, () => {
      throw new Error("no");
    })
    .registerPrompt("denied-prompt", { authorize: () => "Not you." }, () => "secret")
    .registerResource("one", "test://one", {}, () => "1")
    .registerResource("missing", "test://missing", {}, () => {
      throw new Error("no file");
    })
    .registerResource("users", new ResourceTemplate("users://{email}", list), {}, () => "a user");
}

interface Started {
  readonly calls: readonly Fields[];
  readonly lines: readonly string[];
  post(revision: Revision, method: string, params: object, options?: PostOptions): Promise<Response>;
}

interface PostOptions {
  readonly id?: number | string;
  readonly signal?: AbortSignal;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const WAYS = {
  "createServer()": {},
  "createServer() by the SDK's plain handler": { FASTMCP_SDK_FAST_PATH: "false" },
} as const;

async function start(env: Record<string, string> = {}, also?: (server: ProtectedServer) => unknown): Promise<Started> {
  const { calls, lines, logger } = keepCalls();
  const server = createServer({
    name: "t",
    version: "1",
    auth,
    env: { FASTMCP_ENV_FILE: "", ...env },
    logger,
  });
  register(server);
  also?.(server);
  onTestFinished(() => server.close());
  return { calls, lines, post: poster(await serve(await server.app())) };
}

function poster(origin: string): Started["post"] {
  return (revision, method, params, { id = 1, signal, headers = {}, body } = {}) => {
    const isModern = revision === "2026-07-28";
    const name = String((params as { name?: unknown; uri?: unknown }).name ?? (params as { uri?: unknown }).uri);
    return fetch(`${origin}/mcp`, {
      method: "POST",
      signal: signal ?? null,
      headers: {
        Authorization: "Bearer good",
        "Content-Type": "application/json",
        Accept: "application/json, text/event-stream",
        "MCP-Protocol-Version": revision,
        ...(isModern && { "Mcp-Method": method, "Mcp-Name": name }),
        ...headers,
      },
      body: JSON.stringify(
        body ?? { jsonrpc: "2.0", id, method, params: { ...params, ...(isModern && { _meta: CLIENT_META }) } },
      ),
    });
  };
}

const tool = (name: string, given: object = {}) => ["tools/call", { name, arguments: given }] as const;
const CASES: readonly (readonly [what: string, call: readonly [string, object], expected: Fields])[] = [
  ["answers", tool("echo", { text: "hi" }), { event: "tool-called", tool: "echo", outcome: "ok" }],
  ["reports its progress first", tool("steps"), { tool: "steps", outcome: "ok" }],
  ["gets the wrong arguments", tool("echo", { text: 7 }), { tool: "echo", outcome: "invalid-arguments" }],
  ["throws a ToolError", tool("says-no"), { tool: "says-no", outcome: "error" }],
  ["throws", tool("breaks"), { tool: "breaks", outcome: "error", reference: expect.any(String) }],
  ["waits too long for something", tool("times-out"), { tool: "times-out", outcome: "timed-out" }],
  ["says that it failed", tool("gives-error"), { tool: "gives-error", outcome: "error" }],
  ["needs a scope that is missing", tool("for-admins"), { tool: "for-admins", outcome: "refused" }],
  ["is hidden", tool("hidden"), { tool: "hidden", outcome: "refused" }],
  ["is denied by authorize", tool("denies"), { tool: "denies", outcome: "refused" }],
  ["is not there", tool("no_such_tool"), { tool: "no_such_tool", outcome: "unknown" }],
  ["has a name that is too long", tool("x".repeat(3000)), { outcome: "invalid-request" }],
  [
    "has no name",
    ["tools/call", { name: 7 }],
    { tool: "(no name)", outcome: expect.stringMatching(/^(invalid-request|invalid-arguments)$/) },
  ],
  [
    "is a prompt",
    ["prompts/get", { name: "hello", arguments: { name: "Al" } }],
    { event: "prompt-requested", prompt: "hello", outcome: "ok" },
  ],
  [
    "is a prompt without its argument",
    ["prompts/get", { name: "hello" }],
    { prompt: "hello", outcome: "invalid-arguments" },
  ],
  [
    "is a prompt that throws",
    ["prompts/get", { name: "fails" }],
    { prompt: "fails", outcome: "error", reference: expect.any(String) },
  ],
  [
    "is a prompt that is denied",
    ["prompts/get", { name: "denied-prompt" }],
    { prompt: "denied-prompt", outcome: "refused" },
  ],
  ["is an unknown prompt", ["prompts/get", { name: "nothing" }], { prompt: "nothing", outcome: "unknown" }],
  [
    "is a resource",
    ["resources/read", { uri: "test://one" }],
    { event: "resource-read", resource: "test://one", outcome: "ok" },
  ],
  [
    "is a resource that fails",
    ["resources/read", { uri: "test://missing" }],
    { resource: "test://missing", outcome: "error" },
  ],
  [
    "is a resource of a template",
    ["resources/read", { uri: "users://alice@example.com" }],
    { resource: "users://{email}", outcome: "ok" },
  ],
  [
    "is an unknown resource",
    ["resources/read", { uri: "other://alice@example.com" }],
    { resource: "other:…", outcome: "unknown" },
  ],
];

describe.each(Object.entries(WAYS))("a call to %s is logged once", (_way, env) => {
  it.each(
    REVISIONS.flatMap((revision) => CASES.map(([what, call, expected]) => [revision, what, call, expected] as const)),
  )("%s: when it %s", async (revision, _what, [method, params], expected) => {
    const { calls, lines, post } = await start(env);
    await (await post(revision, method, params)).text();
    await expect.poll(() => calls.length).toBe(1);
    expect(calls[0]).toMatchObject({
      ...expected,
      ms: expect.any(Number),
      client: "client-1",
      login: "login-1",
      organization: "org_1",
    });
    expect(calls[0]).not.toHaveProperty("subject");
    expect(calls[0]).not.toHaveProperty("arguments");
    const said = lines.filter((line) => line.includes(String(calls[0]?.event))).join();
    for (const hidden of ["alice", "Al", 'hi"', "postgres", "provider-token"]) {
      expect(said).not.toContain(hidden);
    }
  });

  it.each(REVISIONS.flatMap((revision) => ["waits", "waits-on"].map((name) => [revision, name] as const)))(
    "%s: when its client leaves, and the tool %s",
    async (revision, name) => {
      const { calls, post } = await start(env);
      const client = new AbortController();
      const asked = post(revision, ...tool(name), { signal: client.signal }).then((response) => response.text());
      setTimeout(() => client.abort(), 150);
      await asked.catch(() => {});
      await expect.poll(() => calls.length).toBe(1);
      expect(calls[0]).toMatchObject({ tool: name, outcome: "cancelled" });
    },
  );

  it("each of a batch, also when two have the same id and others are no calls", async () => {
    const { calls, post } = await start(env);
    const message = (id: unknown, method: string, params: object) => ({ jsonrpc: "2.0", id, method, params });
    const body = [
      message(1, ...tool("echo", { text: "a" })),
      message("1", ...tool("breaks")),
      message(2, "tools/list", {}),
      message(3, "resources/read", { uri: "test://one" }),
      { jsonrpc: "2.0", method: "notifications/initialized" },
    ];
    await (await post("2025-11-25", "", {}, { body, headers: { "MCP-Protocol-Version": "2025-03-26" } })).text();
    await expect.poll(() => calls.length).toBe(3);
    expect(calls.map(({ tool, resource, outcome }) => [tool ?? resource, outcome])).toEqual(
      expect.arrayContaining([
        ["echo", "ok"],
        ["breaks", "error"],
        ["test://one", "ok"],
      ]),
    );
  });

  it("each of a batch that is refused as a whole", async () => {
    const { calls, post } = await start(env);
    const body = [1, 2].map((id) => ({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: "echo", arguments: { text: "a" }, _meta: CLIENT_META },
    }));
    await (await post("2026-07-28", "tools/call", { name: "echo" }, { body })).text();
    await expect.poll(() => calls.length).toBe(2);
  });
});

describe("the log of calls", () => {
  it.each(REVISIONS.flatMap((revision) => ["for-admins", "challenged"].map((name) => [revision, name] as const)))(
    "%s: says that %s was refused, also where the refusal is a result",
    async (revision, name) => {
      // With it, the SDK's handler serves all.
      const challenged = { scopeChallenge: () => ({ scopes: ["admin"] }) } as object;
      const also = (server: ProtectedServer) => server.registerTool("challenged", challenged, () => "secret");
      const { calls, post } = await start({}, also);
      const answer = await post(revision, ...tool(name), { headers: { "User-Agent": "openai-mcp/1.0.0" } });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("mcp/www_authenticate")]);
      await expect.poll(() => calls.length).toBe(1);
      expect(calls).toMatchObject([{ tool: name, outcome: "refused" }]);
    },
  );

  it.each(REVISIONS)("%s: says that a result that can't be written is an error", async (revision) => {
    const { calls, post } = await start();
    await (await post(revision, ...tool("unwritable"))).text();
    await expect.poll(() => calls.length).toBe(1);
    expect(calls).toMatchObject([{ tool: "unwritable", outcome: "error" }]);
  });

  it("names the user where it is told to", async () => {
    const { calls, post } = await start({ FASTMCP_LOG_SUBJECTS: "true" });
    await (await post("2026-07-28", ...tool("echo", { text: "hi" }))).text();
    expect(calls).toMatchObject([{ subject: "auth0|alice" }]);
  });

  it("has the same digest for the same arguments, in any order, and another for others", async () => {
    const { calls, post } = await start({ FASTMCP_LOG_ARGUMENTS: "digest" });
    for (const given of [
      { text: "hi", more: { b: 1, a: 2 } },
      { more: { a: 2, b: 1 }, text: "hi" },
      { text: "longer" },
    ]) {
      await (await post("2025-11-25", ...tool("echo", given))).text();
    }
    const [first, second, third] = calls.map((call) => call.arguments);
    expect(first).toMatch(/^[\w-]{22}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it("has no calls of clients without a good token, and none of methods that call nothing", async () => {
    const { calls, post } = await start();
    await post("2025-11-25", ...tool("echo"), { headers: { Authorization: "Bearer bad" } });
    await (await post("2025-11-25", "tools/list", {})).text();
    expect(calls).toEqual([]);
  });

  it.each([
    ['\u001b[2J\u202eevil\n{"level":60}', /^[^\p{Cc}\p{Cf}]{1,60}$/u],
    ["a-long-name-that-may-be-a-token-in-the-wrong-place", /^a-long-name-… \(50 characters\)$/],
  ])("shows little of the name of an unknown tool, and nothing that steers a terminal: %j", async (name, shown) => {
    const { calls, post } = await start();
    await (await post("2025-11-25", ...tool(name))).text();
    expect(calls).toMatchObject([{ tool: expect.stringMatching(shown), outcome: "unknown" }]);
  });
});

describe("a call to a server behind protect() is logged once", () => {
  async function startProtected(env: Record<string, string> = {}) {
    const { calls, logger } = keepCalls();
    const app = express();
    const protection = await protect(
      app,
      () => {
        const server = new McpServer({ name: "t", version: "1" });
        server.registerTool("echo", { inputSchema: z.object({ text: z.string() }) }, async ({ text }) => ({
          content: [{ type: "text", text }],
        }));
        server.registerTool("breaks", {}, async () => {
          throw new Error("no");
        });
        server.registerTool("waits", {}, () => new Promise<never>(() => {}));
        server.registerResource("users", new ResourceTemplate("users://{email}", list), {}, async (uri) => {
          if (uri.href.includes("bob")) {
            throw new ProtocolError(-32603, "no bob");
          }
          return { contents: [] };
        });
        return server;
      },
      { auth, env: { FASTMCP_ENV_FILE: "", ...env }, logger },
    );
    onTestFinished(() => protection.close());
    return { calls, post: poster(await serve(app)) };
  }

  it.each(
    REVISIONS.flatMap((revision) =>
      [{}, { FASTMCP_SDK_FAST_PATH: "false" }].flatMap((env) =>
        (
          [
            [tool("echo", { text: "a" }), { tool: "echo", outcome: "ok" }],
            [tool("echo"), { tool: "echo", outcome: "invalid-arguments" }],
            [tool("breaks"), { tool: "breaks", outcome: "error" }],
            [tool("nothing"), { tool: "nothing", outcome: "unknown" }],
            [["resources/read", { uri: "users://alice" }], { resource: "users:…", outcome: "ok" }],
            [["resources/read", { uri: "users://bob" }], { resource: "users:…", outcome: "error" }],
            [["resources/read", { uri: "nope://x" }], { resource: "nope:…", outcome: "unknown" }],
          ] as const
        ).map(([call, expected]) => [revision, JSON.stringify(env), call, expected] as const),
      ),
    ),
  )("%s %s: %j", async (revision, env, [method, params], expected) => {
    const { calls, post } = await startProtected(JSON.parse(env));
    await (await post(revision, method, params)).text();
    await expect.poll(() => calls.length).toBe(1);
    expect(calls).toMatchObject([{ ...expected, client: "client-1", login: "login-1" }]);
  });

  it.each(REVISIONS)("%s: when its client leaves", async (revision) => {
    const { calls, post } = await startProtected();
    const client = new AbortController();
    const asked = post(revision, ...tool("waits"), { signal: client.signal });
    setTimeout(() => client.abort(), 150);
    await asked.then((response) => response.text()).catch(() => {});
    await expect.poll(() => calls.length).toBe(1);
    expect(calls).toMatchObject([{ tool: "waits", outcome: "cancelled" }]);
  });
});

it("looks for the name of a call once, however it ends", () => {
  const { calls, logger } = keepCalls();
  const asked: string[] = [];
  const nameOf = ({ name }: { name: string }) => void asked.push(name);
  const log = createCallLog({ nameOf, logger });
  const read = (uri: string) => ({ id: uri, method: "resources/read", params: { uri } });
  log.begin(read("a://1"), undefined)?.answered({ id: "a://1", error: { code: -32002, message: "not found" } });
  log.begin(read("a://2"), undefined)?.answered({ id: "a://2", result: { contents: [] } });
  log.begin(read("a://3"), undefined)?.end("cancelled");
  expect(asked).toEqual(["a://1", "a://2", "a://3"]);
  expect(calls).toMatchObject([{ outcome: "unknown" }, { outcome: "ok" }, { outcome: "cancelled" }]);
});
