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
});
