import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { LOG_LEVEL_META_KEY, McpServer, type ServerContext } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { serve } from "../http/testing/serve.ts";
import { REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { protect } from "./protect.ts";

const OPEN = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };

const progress = { method: "notifications/progress" as const, params: { progressToken: 1, progress: 1 } };

const WAYS: Readonly<Record<string, (server: McpServer, context: ServerContext) => Promise<void>>> = {
  "mcpReq.notify": (_server, { mcpReq }) => mcpReq.notify(progress),
  "mcpReq.log": (_server, { mcpReq }) => mcpReq.log("error", "half"),
  "server.notification": ({ server }) => server.notification(progress),
  sendLoggingMessage: (server) => server.sendLoggingMessage({ level: "error", data: "half" }),
};

describe("a server of the SDK's behind protect(), whose client left", () => {
  const cases = Object.keys(WAYS).flatMap((way) => REVISIONS.map((revision) => [way, revision] as const));

  it.each(cases)("notifies in vain, and fails nobody: %s, %s", async (way, revision) => {
    const client = new AbortController();
    let settle: (outcome: unknown) => void;
    const outcome = new Promise((resolve) => {
      settle = resolve;
    });
    const build = () => {
      const server = new McpServer({ name: "test", version: "1" }, { capabilities: { logging: {} } });
      server.registerTool("slow", {}, async (context) => {
        const notify = () => settle(WAYS[way]?.(server, context).catch((error) => error));
        context.mcpReq.signal.addEventListener("abort", () => setTimeout(notify, 20));
        client.abort();
        return new Promise<never>(() => {});
      });
      return server;
    };
    const app = express();
    const protection = await protect(app, build, { env: OPEN, logger: silentLogger });
    onTestFinished(() => protection.close());
    const origin = await serve(app);
    const { headers, body } = toolCall(revision, "slow", { [LOG_LEVEL_META_KEY]: "debug" });
    const asked = fetch(`${origin}/mcp`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      signal: client.signal,
    });
    await asked.catch(() => {});
    expect(await outcome).toBeUndefined();
  });
});

describe("limits behind protect()", () => {
  async function startProtected(env: Record<string, string> = {}) {
    const build = () => {
      const server = new McpServer({ name: "test", version: "1" });
      const inputSchema = z.object({ items: z.array(z.union([z.number(), z.object({ a: z.string() })])) });
      server.registerTool("count", { inputSchema }, async ({ items }) => ({
        content: [{ type: "text", text: String(items.length) }],
      }));
      server.registerTool("fail", { inputSchema: z.object({ text: z.string() }) }, async ({ text }) => {
        throw new Error(`${text} is wrong`);
      });
      return server;
    };
    const app = express();
    const protection = await protect(app, build, { env: { ...OPEN, ...env }, logger: silentLogger });
    onTestFinished(() => protection.close());
    const http = createServer(app);
    await once(http.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void http.close());
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    const ask = async (revision: (typeof REVISIONS)[number], name: string, given: object) => {
      const { headers, body } = toolCall(revision, name);
      const message = { ...body, params: { ...body.params, arguments: given } };
      const answer = await fetch(`${origin}/mcp`, { method: "POST", headers, body: JSON.stringify(message) });
      return { status: answer.status, text: await answer.text() };
    };
    return { origin, ask };
  }

  it.each(REVISIONS)("a tool takes 40,000 numbers, and no more than 50,000 values: %s", async (revision) => {
    const { ask } = await startProtected();
    expect((await ask(revision, "count", { items: Array(40_000).fill(1) })).text).toContain("40000");
    const { status, text } = await ask(revision, "count", { items: Array(60_000).fill(1) });
    expect([status, text]).toEqual([413, expect.stringMatching(/6\d{4} values.*50000.*FASTMCP_MAX_BODY_VALUES/)]);
  });

  it("follow FASTMCP_MAX_BODY_VALUES and FASTMCP_MAX_BODY_BYTES", async () => {
    const { ask } = await startProtected({ FASTMCP_MAX_BODY_VALUES: "100000", FASTMCP_MAX_BODY_BYTES: "200000" });
    expect((await ask("2025-11-25", "count", { items: Array(60_000).fill(1) })).text).toContain("60000");
    const { status, text } = await ask("2025-11-25", "count", { items: Array(90_000).fill(1000) });
    expect([status, text]).toEqual([413, expect.stringMatching(/200000 bytes.*FASTMCP_MAX_BODY_BYTES/)]);
  });

  it.each(REVISIONS)("no error repeats more than 200 characters of a request: %s", async (revision) => {
    const { ask } = await startProtected();
    const long = "l".repeat(2000);
    const answers = await Promise.all([
      ask(revision, "fail", { text: long }),
      ask(revision, long, {}),
      ask(revision, "count", { items: Array(10_000).fill({}) }),
    ]);
    for (const { text } of answers) {
      expect(text).not.toContain("l".repeat(201));
      expect(text.length).toBeLessThan(1500);
    }
  });

  it("its connections may have 16 requests running or queued", async () => {
    const { origin } = await startProtected();
    const socket = connect(Number(new URL(origin).port), "127.0.0.1")
      .on("error", () => {})
      .resume();
    socket.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(17));
    await new Promise((resolve) => socket.on("close", resolve));
  });

  it.each([
    ["two Host headers", ["Host: 127.0.0.1"], 400],
    ["more headers than Node.js keeps", Array(1200).fill("a:"), 431],
  ])("refuses a request with %s", async (_what, lines, status) => {
    const { origin } = await startProtected();
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write(["GET /mcp HTTP/1.1", "Host: 127.0.0.1", ...lines, "Connection: close", "", ""].join("\r\n"));
    let received = "";
    for await (const chunk of socket) {
      received += chunk;
    }
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });
});
