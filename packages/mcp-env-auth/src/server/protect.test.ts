import { LOG_LEVEL_META_KEY, McpServer, type ServerContext } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
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
