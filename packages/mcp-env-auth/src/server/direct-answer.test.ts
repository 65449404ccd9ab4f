import { createMcpHandler, ResourceTemplate, type Variables } from "@modelcontextprotocol/server";
import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { send, serve } from "../http/testing/serve.ts";
import { CLIENT_META } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { createMcpExchange } from "../sdk/mcp-exchange.ts";
import * as webResponse from "../sdk/web-response.ts";
import { Registrations } from "./offer/registrations.ts";
import { offerOf } from "./testing/offer.ts";

function registered(): Registrations {
  const all = new Registrations();
  all.addTool("echo", { inputSchema: z.object({ text: z.string() }) }, ({ text }) => text);
  all.addTool("forecast", { outputSchema: z.object({ degrees: z.number() }) }, () => ({ degrees: 21 }));
  all.addTool("steps", {}, async ({ mcpReq }) => {
    await mcpReq.notify({ method: "notifications/progress", params: { progressToken: "p", progress: 1 } });
    return "done";
  });
  all.addTool("after", {}, ({ mcpReq }) => {
    setTimeout(
      () =>
        void mcpReq
          .notify({ method: "notifications/progress", params: { progressToken: "p", progress: 1 } })
          .catch(() => {}),
    );
    return "done";
  });
  all.addTool("breaks", {}, () => ({ isError: true, content: [{ type: "text" as const, text: "broken" }] }));
  all.addResource("one", "test://one", {}, () => "1");
  const many = new ResourceTemplate("test://many/{id}", { list: undefined });
  all.addResource("many", many, {}, (_uri: URL, { id }: Variables) => String(id));
  all.addPrompt("hello", {}, () => "Hello");
  return all;
}

const CLIENT = { name: "t", version: "1" };
const request = (method: string, params: object, id = 1) => ({ jsonrpc: "2.0", id, method, params });
const HEADERS = {
  "Content-Type": "application/json",
  Accept: "application/json, text/event-stream",
  "MCP-Protocol-Version": "2026-07-28",
};

/** Asks the two: what answers directly, and the SDK's handler alone. */
async function ask(method: string, params: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  const sendWebResponse = vi.spyOn(webResponse, "sendWebResponse");
  const { build } = offerOf(registered());
  const handler = createMcpHandler(() => build());
  const answers = [];
  for (const each of [createMcpHandler(build), handler]) {
    const exchange = createMcpExchange({
      handler: each,
      streams: { add: () => () => {}, endAll: () => {} },
      url: "https://mcp.example.com/mcp",
      resourceMetadata: undefined,
      exchangeToken: undefined,
    });
    const settled: Promise<void>[] = [];
    const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: CLIENT_META } };
    const origin = await serve((request, response) => {
      request.resume();
      settled.push(exchange({ request, response, body, caller: undefined }));
    });
    const answer = await send(origin, {
      method: "POST",
      headers: {
        ...HEADERS,
        "Mcp-Method": method,
        ...(typeof params.name === "string" && { "Mcp-Name": params.name }),
        ...(typeof params.uri === "string" && { "Mcp-Name": params.uri }),
        ...headers,
      },
    });
    await Promise.all(settled);
    const { date: _date, ...rest } = answer.headers;
    answers.push({ ...answer, headers: rest, settled: settled.length });
  }
  const [direct, byHandler] = answers;
  const webResponses = sendWebResponse.mock.calls.length;
  sendWebResponse.mockRestore();
  return { direct, byHandler, webResponses };
}

const call = (name: string, args: object = {}) => ({ name, arguments: args });

describe("an answer that is sent without the SDK's response", () => {
  it.each([
    ["tools/call", call("echo", { text: "21 °C 🌦" })],
    ["tools/call", call("forecast")],
    ["tools/call", call("breaks")],
    ["tools/call", call("echo", { text: 1 })],
    ["tools/call", call("after")],
    ["tools/list", {}],
    ["resources/list", {}],
    ["resources/read", { uri: "test://one" }],
    ["resources/read", { uri: "test://many/2" }],
    ["prompts/get", { name: "hello" }],
    ["server/discover", {}],
  ])("is the one that the SDK gives: %s %j", async (method, params) => {
    const { direct, byHandler, webResponses } = await ask(method, params);
    expect(direct).toEqual(byHandler);
    expect([direct?.status, webResponses]).toEqual([200, 1]);
  });

  it.each([
    ["tools/call", call("steps")],
    ["tools/call", call("none")],
    ["tools/call", { name: 1 }],
    ["resources/read", { uri: "test://none" }],
    ["no/such", {}],
  ])("is left to the SDK where it is an error, or not the first message: %s %j", async (method, params) => {
    const { direct, byHandler } = await ask(method, params);
    expect(direct).toEqual(byHandler);
  });

  it.each([
    ["a batch", [request("tools/call", call("echo", { text: "1" })), request("ping", {}, 2)]],
    ["an initialize", request("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: CLIENT })],
  ])("is left to the SDK in an earlier revision: %s", async (_name, body) => {
    const { build } = offerOf(registered());
    const answers = await Promise.all(
      [build, () => build()].map(async (factory) => {
        const exchange = createMcpExchange({
          handler: createMcpHandler(factory),
          streams: { add: () => () => {}, endAll: () => {} },
          url: "https://mcp.example.com/mcp",
          resourceMetadata: undefined,
          exchangeToken: undefined,
        });
        const origin = await serve((incoming, response) => {
          incoming.resume();
          void exchange({ request: incoming, response, body, caller: undefined });
        });
        const headers = { ...HEADERS, "MCP-Protocol-Version": "2025-11-25" };
        const { status, headers: answered, body: text } = await send(origin, { method: "POST", headers });
        return [status, answered["content-type"], text];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toEqual([200, "text/event-stream", expect.stringContaining("event: message")]);
  });

  it("is never sent for a request that the SDK refuses", async () => {
    const { direct, byHandler, webResponses } = await ask("tools/call", call("echo", { text: "1" }), {
      "Mcp-Name": "another",
    });
    expect(direct).toEqual(byHandler);
    expect([direct?.status, webResponses]).toEqual([400, 2]);
  });
});

describe("notifications of a call", () => {
  it("wait for a client that reads slowly, and come all of them, before the answer", async () => {
    let sent = 0;
    const registrations = new Registrations();
    registrations.addTool("floods", {}, async ({ mcpReq }) => {
      const params = { progressToken: "p", progress: 1, message: "x".repeat(64 * 1024) };
      while (sent < 400) {
        await mcpReq.notify({ method: "notifications/progress", params });
        sent += 1;
      }
      return "done";
    });
    const exchange = createMcpExchange({
      handler: createMcpHandler(offerOf(registrations).build),
      streams: { add: () => () => {}, endAll: () => {} },
      url: "https://mcp.example.com/mcp",
      resourceMetadata: undefined,
      exchangeToken: undefined,
    });
    const params = { name: "floods", arguments: {}, _meta: CLIENT_META };
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
    const origin = await serve((request, response) => {
      request.resume();
      void exchange({ request, response, body, caller: undefined });
    });
    const headers = { ...HEADERS, "Mcp-Method": "tools/call", "Mcp-Name": "floods" };
    const response = await fetch(origin, { method: "POST", headers });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(400);
    const events = (await response.text()).split("\n\n").filter((event) => event !== "");
    expect([events.length, events.at(-1)]).toEqual([401, expect.stringContaining('"result"')]);
  });
});

describe("what a handler gives and no JSON can hold", () => {
  it.each(["2025-11-25", "2026-07-28"])("is in the log, and an error for the client: %s", async (version) => {
    const lines: string[] = [];
    const error = (fields: object, message: string) => void lines.push(`${message}: ${Object.values(fields)}`);
    const logger = { ...silentLogger, error };
    const registrations = new Registrations();
    const count = 1n as never;
    registrations.addTool("counts", {}, () => ({ content: [{ type: "text" as const, text: "1", _meta: { count } }] }));
    const { build } = offerOf(registrations, { logger });
    const exchange = createMcpExchange({
      handler: createMcpHandler(build),
      direct: build,
      streams: { add: () => () => {}, endAll: () => {} },
      url: "https://mcp.example.com/mcp",
      resourceMetadata: undefined,
      exchangeToken: undefined,
    });
    const params = { name: "counts", arguments: {}, ...(version === "2026-07-28" && { _meta: CLIENT_META }) };
    const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
    const origin = await serve((request, response) => {
      request.resume();
      void exchange({ request, response, body, caller: undefined });
    });
    const headers = {
      ...HEADERS,
      "MCP-Protocol-Version": version,
      "Mcp-Method": "tools/call",
      "Mcp-Name": "counts",
    };
    expect((await send(origin, { method: "POST", headers })).body).toContain("Something went wrong in the server.");
    const fault = /^The tool counts returned a BigInt at `content\[0\]._meta.count`/;
    await expect.poll(() => lines).toEqual([expect.stringMatching(fault)]);
  });
});
