import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { startDevAuth0 } from "dev-auth0";
import { createGateway } from "mcp-env-auth";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { until } from "./support/in-process.ts";
import { oauthSteps } from "./support/oauth-steps.ts";

const closers: (() => unknown)[] = [];
let origin: string;
let token: string;
/** What the upstream was sent. */
const seen: IncomingMessage["headers"][] = [];

/** An MCP server as the SDK's users write it: for both eras, with sessions where clients have them. */
async function startUpstream(): Promise<string> {
  const build = () => {
    const server = new McpServer({ name: "Upstream", version: "1" });
    server.registerTool("add", { inputSchema: z.object({ a: z.number(), b: z.number() }) }, async ({ a, b }) => ({
      content: [{ type: "text", text: String(a + b) }],
    }));
    server.registerTool("ask", {}, async ({ mcpReq }) => {
      const { content } = await mcpReq.elicitInput({
        mode: "form",
        message: "Which city?",
        requestedSchema: { type: "object", properties: { city: { type: "string" } } },
      });
      return { content: [{ type: "text", text: `So it is ${content?.city}.` }] };
    });
    return server;
  };
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
  const modern = toNodeHandler(createMcpHandler(build, { legacy: "reject" }));
  const http = createHttpServer(async (request, response) => {
    seen.push(request.headers);
    const version = request.headers["mcp-protocol-version"] ?? "";
    if (version >= "2026") {
      return modern(request as Parameters<typeof modern>[0], response);
    }
    const known = sessions.get(String(request.headers["mcp-session-id"]));
    if (known !== undefined) {
      return known.handleRequest(request, response);
    }
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await build().connect(transport);
    await transport.handleRequest(request, response);
  });
  await once(http.listen(0, "127.0.0.1"), "listening");
  closers.push(
    () => http.close(),
    () => http.closeAllConnections(),
  );
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
}

beforeAll(async () => {
  const auth0 = await startDevAuth0();
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const gateway = createGateway({ upstream: await startUpstream(), env: auth0.env(origin), logger });
  const http = createHttpServer(await gateway.app());
  await once(http.listen(port, "127.0.0.1"), "listening");
  closers.push(
    () => auth0.close(),
    () => gateway.close(),
    () => http.close(),
    () => http.closeAllConnections(),
  );
  token = String((await oauthSteps(origin).getTokens("alice")).access_token);
});

afterAll(async () => {
  for (const close of closers.reverse()) {
    await close();
  }
});

/** A client of the SDK that has logged in. */
async function connect(versionNegotiation?: { mode: { pin: string } }) {
  const client = new Client(
    { name: "t", version: "1" },
    { capabilities: { elicitation: {} }, ...(versionNegotiation && { versionNegotiation }) },
  );
  client.setRequestHandler("elicitation/create", () => ({ action: "accept" as const, content: { city: "Berlin" } }));
  const transport = new StreamableHTTPClientTransport(new URL(`${origin}/mcp`), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  closers.push(() => client.close());
  return { client, transport };
}

describe("a server of the SDK behind the gateway", () => {
  it.each(["2025-11-25", "2026-07-28"])("serves a client of %s that has logged in", async (revision) => {
    const { client } = await connect(revision === "2026-07-28" ? { mode: { pin: revision } } : undefined);
    expect(client.getServerVersion()?.name).toBe("Upstream");
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["add", "ask"]);
    const { content } = await client.callTool({ name: "add", arguments: { a: 2, b: 3 } });
    expect(content).toEqual([{ type: "text", text: "5" }]);
  });

  it("asks the user, and gets the answer into the call that waits for it", async () => {
    const { client } = await connect();
    const { content } = await client.callTool({ name: "ask", arguments: {} });
    expect(content).toEqual([{ type: "text", text: "So it is Berlin." }]);
  });

  it("ends a session that its client ends", async () => {
    const { client, transport } = await connect();
    const ended = transport.sessionId ?? "";
    await transport.terminateSession();
    const again = await fetch(`${origin}/mcp`, {
      headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream", "Mcp-Session-Id": ended },
    });
    expect([again.status, ended.length > 36]).toEqual([404, true]);
    await client.close();
  });

  it("has seen no token, and whose request each was", () => {
    expect(seen.length).toBeGreaterThan(5);
    expect(JSON.stringify(seen)).not.toContain(token);
    const types = seen.map(({ authorization = "" }) => {
      const [header = ""] = authorization.replace("Bearer ", "").split(".");
      return (JSON.parse(Buffer.from(header, "base64url").toString()) as { typ: string }).typ;
    });
    expect(new Set(types)).toEqual(new Set(["mcp-identity+jwt"]));
  });
});

describe("mcp-env-auth proxy -- COMMAND", () => {
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it.skipIf(process.platform === "win32")("serves a command, and leaves no process when it is killed", async () => {
    const port = await freePort();
    const root = fileURLToPath(new URL("..", import.meta.url));
    const server = `${root}packages/mcp-env-auth/src/gateway/testing/stdio-server.mjs`;
    const cli = `${root}packages/mcp-env-auth/dist/bundle/cli.js`;
    const args = [cli, "proxy", "--port", String(port), "--", process.execPath, server];
    const env = { PATH: process.env.PATH, FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
    const gateway = spawn(process.execPath, args, { env, stdio: "ignore" });
    closers.push(() => gateway.kill("SIGKILL"));
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "child", arguments: {} } };
    const ask = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/mcp`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream" },
        body: JSON.stringify(body),
      });
      const { result } = (await answer.json()) as { result: { content: [{ text: string }] } };
      return result.content[0].text.split(" ").map(Number);
    };
    let pids: number[] = [];
    await until(async () => {
      pids = await ask().catch(() => []);
      return pids.length > 0;
    });
    expect(pids.map(isAlive)).toEqual([true, true]);
    gateway.kill("SIGKILL");
    await until(() => !pids.some(isAlive));
  });
});
