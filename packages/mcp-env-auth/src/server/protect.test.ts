import { LOG_LEVEL_META_KEY, McpServer, type ServerContext } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { serve } from "../http/testing/serve.ts";
import { silentLogger } from "../logger.ts";
import { protect } from "./protect.ts";

const HEADERS = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
const OPEN = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };

const progress = { method: "notifications/progress" as const, params: { progressToken: 1, progress: 1 } };

const WAYS: Readonly<Record<string, (server: McpServer, context: ServerContext) => Promise<void>>> = {
  "mcpReq.notify": (_server, { mcpReq }) => mcpReq.notify(progress),
  "mcpReq.log": (_server, { mcpReq }) => mcpReq.log("error", "half"),
  "server.notification": ({ server }) => server.notification(progress),
  sendLoggingMessage: (server) => server.sendLoggingMessage({ level: "error", data: "half" }),
};

const VERSIONS = {
  "2025-11-25": {},
  "2026-07-28": {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
      [LOG_LEVEL_META_KEY]: "debug",
    },
  },
};

describe("a server of the SDK's behind protect(), whose client left", () => {
  const cases = Object.keys(WAYS).flatMap((way) => Object.keys(VERSIONS).map((version) => [way, version] as const));

  it.each(cases)("notifies in vain, and fails nobody: %s, %s", async (way, version) => {
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
    const params = { name: "slow", ...VERSIONS[version as keyof typeof VERSIONS] };
    await fetch(`${origin}/mcp`, {
      method: "POST",
      headers: { ...HEADERS, "MCP-Protocol-Version": version, "Mcp-Method": "tools/call", "Mcp-Name": "slow" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
      signal: client.signal,
    }).catch(() => {});
    expect(await outcome).toBeUndefined();
  });
});
