import { McpServer } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { createServer } from "../server.ts";
import { protect } from "./protect.ts";

const OPEN = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
const DONE = { content: [{ type: "text" as const, text: "done 🌦" }] };
const PROGRESS = { method: "notifications/progress" as const, params: { progressToken: 1, progress: 1 } };

/** A server with a tool that answers at once, and one that tells of its progress before. */
const WAYS: Readonly<Record<string, () => Promise<string>>> = {
  "createServer()": async () => {
    const server = createServer({ name: "test", version: "1", env: OPEN, logger: silentLogger });
    server.registerTool("quick", {}, () => DONE);
    server.registerTool("slow", {}, async ({ mcpReq }) => {
      await mcpReq.notify(PROGRESS);
      return DONE;
    });
    onTestFinished(() => server.close());
    return serve(await server.app());
  },
  "protect()": async () => {
    const build = () => {
      const server = new McpServer({ name: "test", version: "1" });
      server.registerTool("quick", {}, () => DONE);
      server.registerTool("slow", {}, async ({ mcpReq }) => {
        await mcpReq.notify(PROGRESS);
        return DONE;
      });
      return server;
    };
    const app = express();
    const protection = await protect(app, build, { env: OPEN, logger: silentLogger });
    onTestFinished(() => protection.close());
    return serve(app);
  },
};

const CASES = Object.keys(WAYS).flatMap((way) =>
  REVISIONS.flatMap((revision) => ["quick", "slow"].map((tool) => [way, revision, tool] as const)),
);

describe.each(CASES)("%s, revision %s, a tool that is %s", (way, revision, tool) => {
  const call = async (accept: string | undefined, change: (body: object) => unknown = (body) => body) => {
    const origin = (await WAYS[way]?.()) ?? "";
    const { headers, body } = toolCall(revision, tool);
    const { Accept: _, ...others } = headers;
    return send(`${origin}/mcp`, {
      method: "POST",
      headers: { ...others, ...(accept !== undefined && { Accept: accept }) },
      body: JSON.stringify(change(body)),
    });
  };

  it.each([undefined, "*/*", "text/html, */*;q=0.1"])("answers Accept %j as it does both types", async (accept) => {
    const [stated, given] = [await call("application/json, text/event-stream"), await call(accept)];
    expect(given.status).toBe(200);
    expect([given.headers["content-type"], given.body]).toEqual([stated.headers["content-type"], stated.body]);
    expect(given.body).toContain("done 🌦");
  });

  it("answers with JSON alone where a client takes nothing else", async () => {
    const { status, headers, body } = await call("application/json");
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(JSON.parse(body)).toMatchObject({ jsonrpc: "2.0", id: 1, result: DONE });
  });

  it("answers a wrong request with JSON too", async () => {
    const { headers, body } = await call("application/json", (request) => ({ ...request, method: "nothing/such" }));
    expect(headers["content-type"]).toBe("application/json");
    expect(JSON.parse(body).error).toBeDefined();
  });

  it("still refuses a client that takes neither", async () => {
    const { status } = await call("text/html");
    expect(status).toBe(revision === "2025-11-25" ? 406 : 200);
  });
});

describe("a batch of a client that takes JSON alone", () => {
  it.each(Object.keys(WAYS))("is answered with a list: %s", async (way) => {
    const origin = (await WAYS[way]?.()) ?? "";
    const { headers, body } = toolCall("2025-11-25", "slow");
    const { status, ...answer } = await send(`${origin}/mcp`, {
      method: "POST",
      headers: { ...headers, Accept: "application/json", "MCP-Protocol-Version": "2025-03-26" },
      body: JSON.stringify([body, { ...body, id: 2 }]),
    });
    expect([status, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    const ids = (JSON.parse(answer.body) as { id: number }[]).map(({ id }) => id);
    expect(ids.sort()).toEqual([1, 2]);
  });
});
