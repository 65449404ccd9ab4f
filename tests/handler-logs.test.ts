import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { getAccessToken } from "mcp-env-auth";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InProcessServer, launchInProcess } from "./support/in-process.ts";
import { type BeginOptions, beginSession, messagesOf, type SessionClient } from "./support/session-client.ts";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"] as const;

let auth0: DevAuth0;
let server: InProcessServer & { close(): Promise<void> };
let token: string;

beforeAll(async () => {
  auth0 = await startDevAuth0();
  server = await launchInProcess({
    auth0,
    env: { FASTMCP_LOG_LEVEL: "DEBUG" },
    register(registered) {
      registered.registerTool("log", {}, async ({ mcpReq }) => {
        for (const level of LEVELS) {
          await mcpReq.log(level, { said: level }, "weather");
        }
        return "logged";
      });
      registered.registerTool("log_much", {}, async ({ mcpReq }) => {
        for (let count = 0; count < 1000; count += 1) {
          await mcpReq.log("info", `much ${"x".repeat(10_000)}`);
        }
        return "logged";
      });
      registered.registerTool("log_token", {}, async ({ mcpReq }) => {
        await mcpReq.log("info", `token: ${getAccessToken().token}`);
        return "logged";
      });
    },
  });
  ({ accessToken: token } = await server.getSession());
});
afterAll(async () => {
  await server?.close();
  await auth0?.close();
});

/** The levels of what the tool logs, as a client is told them. */
async function levelsTold(client: SessionClient): Promise<unknown[]> {
  const call = await client.call("log");
  const told: unknown[] = [];
  for (let message = await call.next(); message !== undefined; message = await call.next()) {
    if (message.method === "notifications/message") {
      told.push(message.params?.level);
    }
  }
  return told;
}

const setLevel = async (client: SessionClient, level: unknown) => {
  const response = await client.post({ jsonrpc: "2.0", id: 1, method: "logging/setLevel", params: { level } });
  return response.text();
};

/** Calls in 2026-07-28. */
async function modern(method: string, params: object, meta: object = {}) {
  const headers = { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, "Mcp-Name": "log" };
  const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: { ...META, ...meta } } };
  const messages = [];
  for await (const message of messagesOf(await server.call(token, body, headers))) {
    messages.push(message);
  }
  return messages;
}

describe("what handlers log", () => {
  it.each<[string, BeginOptions]>([
    ["a session", {}],
    ["none", { capabilities: {} }],
  ])("reaches a client of 2025-11-25 at the level that it set, with %s", async (_which, options) => {
    const { accessToken } = await server.getSession();
    const client = await beginSession(server.origin, accessToken, options);
    expect(await levelsTold(client)).toEqual(LEVELS);
    expect(await setLevel(client, "error")).toContain('"result":{}');
    expect(await levelsTold(client)).toEqual(["error", "critical", "alert", "emergency"]);
    await setLevel(client, "no level");
    expect(await levelsTold(client)).toEqual(["error", "critical", "alert", "emergency"]);
    const { accessToken: other } = await server.getSession("bob");
    expect(await levelsTold(await beginSession(server.origin, other, options))).toEqual(LEVELS);
    await setLevel(client, "debug");
    expect(await levelsTold(client)).toEqual(LEVELS);
  });

  it("reaches a client of 2026-07-28 at the level of the request, and never without one", async () => {
    const call = { name: "log", arguments: {} };
    const told = await modern("tools/call", call, { "io.modelcontextprotocol/logLevel": "critical" });
    const levels = told.filter(({ method }) => method === "notifications/message").map(({ params }) => params?.level);
    expect(levels).toEqual(["critical", "alert", "emergency"]);
    expect((await modern("tools/call", call)).map(({ method }) => method)).toEqual([undefined]);
    expect(await modern("logging/setLevel", { level: "debug" })).toMatchObject([{ error: { code: -32601 } }]);
  });

  it("reaches the server's log, whatever the client wants", async () => {
    const before = server.lines.length;
    await modern("tools/call", { name: "log", arguments: {} });
    const lines = server.lines
      .slice(before)
      .filter(({ fields }) => "event" in fields && fields.event === "handler-log");
    expect(lines.map(({ level }) => level)).toEqual([
      ...["debug", "info", "info", "warn"],
      ...["error", "error", "error", "error"],
    ]);
    expect(lines[0]).toMatchObject({
      message: '{"said":"debug"}',
      fields: { logger: "weather", method: "tools/call" },
    });
  });

  it("fills no log, and puts no token there", async () => {
    const client = await beginSession(server.origin, token);
    await setLevel(client, "emergency");
    const before = server.lines.length;
    for (const name of ["log_much", "log_token"]) {
      expect((await (await client.call(name)).next())?.result?.content?.[0]?.text).toBe("logged");
    }
    const messages = server.lines.slice(before).map(({ message }) => message);
    const much = messages.filter((message) => message.startsWith("much"));
    expect(much).toHaveLength(100);
    expect(Math.max(...much.map(({ length }) => length))).toBeLessThan(5000);
    expect(messages).toContain("token: [token]");
  });
});
