import { McpServer, type RegisteredTool } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";
import { protect } from "./protect.ts";

const env = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
const scopeChallenge: NonNullable<RegisteredTool["scopeChallenge"]> = () => ({
  scopes: ["weather:write"],
  errorDescription: "More is needed.",
});

/** Servers whose tool has a challenge of the SDK's. */
const SERVERS = {
  "createServer()": async () => {
    const server = createServer({ name: "test", version: "1", env, logger: silentLogger });
    onTestFinished(() => server.close());
    server.registerTool("write", { scopeChallenge } as object, () => "written");
    server.registerTool("read", {}, () => "read");
    return server.app();
  },
  "protect()": async () => {
    const app = express();
    const build = () => {
      const server = new McpServer({ name: "test", version: "1" });
      server.registerTool("write", { scopeChallenge }, () => ({ content: [] }));
      return server;
    };
    const protection = await protect(app, build, { env, logger: silentLogger });
    onTestFinished(() => protection.close());
    return app;
  },
};

describe.each(Object.entries(SERVERS))("a scope challenge of the SDK's, behind %s", (_name, start) => {
  it.each(REVISIONS)("is answered as the SDK does, to a client of %s", async (revision) => {
    const origin = await serve(await start());
    const { headers, body } = toolCall(revision, "write");
    const answer = await send(`${origin}/mcp`, { method: "POST", headers, body: JSON.stringify(body) });
    expect([answer.status, answer.headers["www-authenticate"]]).toEqual([
      403,
      expect.stringContaining('scope="weather:write"'),
    ]);
  });

  it.each(REVISIONS)("is a result of the tool to ChatGPT and Claude, in %s", async (revision) => {
    const origin = await serve(await start());
    const { headers, body } = toolCall(revision, "write");
    const answers = await Promise.all(
      ["openai-mcp/1.0.0", "Claude-User"].map(async (agent) => {
        const sent = { method: "POST", headers: { ...headers, "User-Agent": agent }, body: JSON.stringify(body) };
        const { status, body: text } = await send(`${origin}/mcp`, sent);
        return [status, JSON.parse(text).result];
      }),
    );
    const content = [{ type: "text", text: "More is needed." }];
    const challenge = 'Bearer error="insufficient_scope", error_description="More is needed.", scope="weather:write"';
    const result = { ...(revision === "2026-07-28" && { resultType: "complete" }), isError: true, content };
    expect(answers).toEqual([
      [200, { ...result, _meta: { "mcp/www_authenticate": [challenge] } }],
      [200, result],
    ]);
  });
});
