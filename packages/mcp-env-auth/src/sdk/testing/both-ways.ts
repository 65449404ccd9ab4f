import { createMcpHandler, McpServer, type McpServerFactory, ResourceTemplate } from "@modelcontextprotocol/server";
import { vi } from "vitest";
import * as z from "zod";
import { send, serve } from "../../http/testing/serve.ts";
import { createMcpExchange } from "../mcp-exchange.ts";

/** A header that is sent more than once has several values. */
export type SentHeaders = Record<string, string | string[]>;

/** A server of the SDK's with something of everything. */
export function build(): McpServer {
  const server = new McpServer({ name: "test", version: "1" }, { capabilities: { logging: {} } });
  server.registerTool("echo", { inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [{ type: "text", text }],
  }));
  server.registerTool("steps", {}, async ({ mcpReq }) => {
    for (const progress of [1, 2]) {
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken: "p", progress } });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    return { content: [] };
  });
  server.registerTool("breaks", {}, () => {
    throw new Error("broken");
  });
  server.registerTool("asks", {}, async ({ mcpReq }) => {
    await mcpReq.elicitInput({ mode: "form", message: "?", requestedSchema: { type: "object", properties: {} } });
    return { content: [] };
  });
  server.registerTool("headers", {}, ({ http }) => ({
    content: [{ type: "text", text: `${http?.req?.headers.get("x-mine")} ${http?.authInfo?.clientId}` }],
  }));
  server.registerTool("meta", {}, ({ mcpReq: { _meta } }) => ({
    content: [{ type: "text", text: JSON.stringify(_meta ?? {}) }],
  }));
  server.registerResource("one", "test://one", {}, () => ({ contents: [{ uri: "test://one", text: "1" }] }));
  const many = new ResourceTemplate("test://many/{id}", { list: undefined });
  server.registerResource("many", many, {}, (uri, { id }) => ({ contents: [{ uri: uri.href, text: String(id) }] }));
  server.registerPrompt("hello", {}, () => ({ messages: [] }));
  return server;
}

/** Posts to the two: served as it comes, and by the SDK's handler alone. */
export async function both(factory: McpServerFactory = build) {
  const direct = vi.fn(factory);
  const origins = await Promise.all(
    [direct, undefined].map((each) => {
      const exchange = createMcpExchange({
        handler: createMcpHandler(factory),
        direct: each,
        streams: { add: () => () => {}, endAll: () => {} },
        url: "https://mcp.example.com/mcp",
        resourceMetadata: undefined,
        exchangeToken: undefined,
      });
      return serve((request, response) => {
        let text = "";
        request.setEncoding("utf8");
        request.on("data", (chunk: string) => {
          text += chunk;
        });
        request.on("end", () => {
          exchange({ request, response, body: JSON.parse(text), caller: undefined }).catch(() => response.destroy());
        });
      });
    }),
  );
  const [ours = "", theirs = ""] = origins;
  const post = async (origin: string, body: unknown, headers: SentHeaders) => {
    const answer = await send(origin, { method: "POST", headers, body: JSON.stringify(body) });
    const { date: _date, "content-length": _length, "transfer-encoding": _encoding, ...rest } = answer.headers;
    return { ...answer, headers: rest };
  };
  return {
    direct,
    ours,
    compare: async (body: unknown, headers: SentHeaders = HEADERS) => [
      await post(ours, body, headers),
      await post(theirs, body, headers),
    ],
  };
}

/** Of a request that is served without the handler. */
export const HEADERS = {
  "Content-Type": "application/json",
  Accept: "application/json, text/event-stream",
  "MCP-Protocol-Version": "2025-11-25",
};
export const request = (method: string, params?: unknown, id: unknown = 1) => ({ jsonrpc: "2.0", id, method, params });
export const call = (name: unknown, args: unknown = {}) => request("tools/call", { name, arguments: args });
