import { createMcpHandler, McpServer, type McpServerFactory } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { answerDirectly } from "./direct-exchange.ts";
import { createMcpExchange } from "./mcp-exchange.ts";
import { both, build, call, HEADERS, request, type SentHeaders } from "./testing/both-ways.ts";

const SERVED = [
  call("echo", { text: "21 °C 🌦" }),
  call("echo", { text: "x".repeat(100_000) }),
  call("echo", {}),
  call("echo", "text"),
  call("nothing"),
  call(7),
  call("steps"),
  call("breaks"),
  call("asks"),
  call("headers"),
  call("meta"),
  ...[0, "", -1, Number.MAX_SAFE_INTEGER, "__proto__"].map((id) => request("ping", undefined, id)),
  request("tools/call"),
  request("tools/call", { name: "echo", arguments: { text: "1" }, _meta: { progressToken: 1, other: { a: 1 } } }),
  request("tools/call", { name: "echo", arguments: { text: "1" }, more: true }, "a text"),
  request("tools/list"),
  request("tools/list", { cursor: "none" }),
  request("resources/list"),
  request("resources/templates/list"),
  request("resources/read", { uri: "test://one" }),
  request("resources/read", { uri: "test://many/2" }),
  request("resources/read", { uri: "test://none" }),
  request("prompts/list"),
  request("prompts/get", { name: "hello" }),
  request("completion/complete", { ref: { type: "ref/prompt", name: "hello" }, argument: { name: "a", value: "" } }),
  request("logging/setLevel", { level: "debug" }),
  request("ping"),
  request("nothing/such", { a: 1 }),
  request("subscriptions/listen", { notifications: {} }),
  request("server/discover"),
  request("__proto__"),
  request("tools/call", { name: "__proto__" }),
];

const LEFT = [
  request("initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "c", version: "1" } }),
  { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } },
  { jsonrpc: "2.0", id: 1, result: {} },
  { jsonrpc: "2.0", id: 1, error: { code: 1, message: "m" } },
  [call("echo", { text: "1" })],
  [],
  {},
  null,
  "text",
  1,
  request("tools/call", {}, null),
  request("tools/call", {}, 1.5),
  request("tools/call", {}, 2 ** 53),
  request("tools/call", {}, {}),
  request("tools/call", [1]),
  request("tools/call", "text"),
  request("tools/call", { name: "echo", _meta: 1 }),
  { ...call("echo", { text: "1" }), jsonrpc: "1.0" },
  { ...call("echo", { text: "1" }), more: 1 },
  { ...call("echo", { text: "1" }), result: {} },
  { jsonrpc: "2.0", id: 1, method: 1 },
  JSON.parse('{ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "__proto__": { "name": "meta" } } }'),
  JSON.parse(
    '{ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "meta", "_meta": { "__proto__": { "a": 1 } } } }',
  ),
  request("tools/call", {
    name: "echo",
    arguments: { text: "1" },
    _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" },
  }),
  ...[1, null, {}].map((claim) =>
    request("tools/call", { name: "meta", _meta: { "io.modelcontextprotocol/protocolVersion": claim } }),
  ),
];

const OTHER_HEADERS: SentHeaders[] = [
  { ...HEADERS, Accept: "application/json" },
  { ...HEADERS, Accept: "text/event-stream" },
  { ...HEADERS, "Content-Type": "text/plain" },
  { ...HEADERS, "Content-Type": ["application/json", "text/plain"] },
  { ...HEADERS, "Content-Type": "application/json, text/plain" },
  { ...HEADERS, "Content-Type": "application/jsonp" },
  { Accept: HEADERS.Accept },
  { ...HEADERS, "MCP-Protocol-Version": "2026-07-28" },
  { ...HEADERS, "MCP-Protocol-Version": "2027-01-01" },
  { ...HEADERS, "MCP-Protocol-Version": "" },
  { ...HEADERS, "MCP-Protocol-Version": ["2025-11-25", "2025-11-25"] },
  { ...HEADERS, "MCP-Protocol-Version": "2025-11-25, 2025-06-18" },
];

const SAME_HEADERS: SentHeaders[] = [
  { "Content-Type": "application/json", Accept: HEADERS.Accept },
  { ...HEADERS, "Content-Type": "Application/JSON; charset=utf-8" },
  { "Content-Type": "application/json" },
  { ...HEADERS, Accept: "*/*" },
  { ...HEADERS, Accept: "text/html, */*;q=0.8" },
  { ...HEADERS, Accept: ["application/json", "text/event-stream"] },
  { ...HEADERS, Accept: "text/event-stream;q=0.1, application/json" },
  { ...HEADERS, "MCP-Protocol-Version": "2025-03-26" },
  { ...HEADERS, "MCP-Protocol-Version": " 2025-06-18 " },
  { ...HEADERS, "Mcp-Method": "tools/list", "Mcp-Name": "other", "Mcp-Session-Id": "s", "Last-Event-ID": "1" },
];

describe("a request that is answered without the SDK's handler", () => {
  it.each(SERVED.map((body) => [JSON.stringify(body).slice(0, 100), body] as const))(
    "gets the answer that the handler gives: %s",
    async (_text, body) => {
      const { direct, compare } = await both();
      const [ours, theirs] = await compare(body);
      expect(ours).toEqual(theirs);
      expect(direct).toHaveBeenCalledOnce();
    },
  );

  it.each(SAME_HEADERS.map((headers) => [JSON.stringify(headers), headers] as const))(
    "gets it with these headers too: %s",
    async (_text, headers) => {
      const { direct, compare } = await both();
      const [ours, theirs] = await compare(call("echo", { text: "1" }), headers);
      expect([ours, ours?.status]).toEqual([theirs, 200]);
      expect(direct).toHaveBeenCalledOnce();
    },
  );

  it("is one of any that may come", async () => {
    const { compare } = await both();
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom("echo", "tools/call", "2.0", { text: "1" }, { name: "echo", arguments: { text: "1" } }),
    );
    const field = fc.constantFrom("jsonrpc", "id", "method", "params", "result", "error", "_meta");
    const change = fc.tuple(field, fc.option(value, { nil: undefined }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { maxLength: 3 }),
        fc.constantFrom(...SERVED.slice(0, 13)),
        async (changes, body) => {
          const [ours, theirs] = await compare({ ...body, ...Object.fromEntries(changes) });
          expect(ours).toEqual(theirs);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("an exchange without the SDK's handler", () => {
  const connection = (name: string) => {
    const seen: unknown[] = [];
    const factory = () => {
      const server = build();
      server.registerTool("waits", {}, () => new Promise(() => {}));
      return server;
    };
    const origin = serve(async (request, response) => {
      request.resume();
      response.once("finish", () => seen.push("sent"));
      const message = { jsonrpc: "2.0" as const, id: 1, method: "tools/call", params: { name } };
      await answerDirectly(
        factory,
        { request: new Request("http://localhost"), message, authInfo: undefined },
        response,
      );
      seen.push("over", response.statusCode);
    });
    return { seen, origin };
  };

  it("is over when the answer is sent", async () => {
    const { seen, origin } = connection("steps");
    await send(await origin);
    await expect.poll(() => seen).toEqual(["sent", "over", 200]);
  });

  it("is recorded with a status of its own when the client goes away", async () => {
    const { seen, origin } = connection("waits");
    const client = new AbortController();
    await fetch(await origin, { signal: client.signal });
    client.abort();
    await expect.poll(() => seen).toEqual(["over", 499]);
  });
});

describe("who calls, as handlers and the server's factory are told", () => {
  it("is the same on both ways", async () => {
    const told: unknown[] = [];
    const factory: McpServerFactory = ({ era, authInfo, requestInfo }) => {
      const server = new McpServer({ name: "test", version: "1" });
      server.registerTool("who", {}, ({ http }) => {
        told.push({ era, authInfo, handler: http?.authInfo, isSame: http?.req === requestInfo, url: http?.req?.url });
        return { content: [] };
      });
      return server;
    };
    const token = { token: "t", clientId: "c", scopes: ["s"], expiresAt: 2e9, claims: { a: 1 }, subject: "alice" };
    const caller = { token, streamToken: { owner: "alice", expiresAt: 2e9, isGood: async () => true } };
    for (const direct of [factory, undefined]) {
      const exchange = createMcpExchange({
        handler: createMcpHandler(factory),
        direct,
        streams: { add: () => () => {}, endAll: () => {} },
        url: "https://mcp.example.com/mcp",
        resourceMetadata: "https://mcp.example.com/metadata",
        exchangeToken: undefined,
      });
      const origin = await serve((request, response) => {
        request.resume();
        void exchange({ request, response, body: call("who"), caller });
      });
      await send(origin, { method: "POST", headers: HEADERS });
    }
    const authInfo = {
      token: "t",
      clientId: "c",
      scopes: ["s"],
      expiresAt: 2e9,
      extra: { claims: { a: 1 }, subject: "alice" },
      resourceMetadataUrl: "https://mcp.example.com/metadata",
    };
    const expected = { era: "legacy", authInfo, handler: authInfo, isSame: true, url: "https://mcp.example.com/mcp" };
    expect(told).toEqual([expected, expected]);
  });
});

describe("a client that goes away", () => {
  async function leave(leaveBefore: "building" | "the answer") {
    const seen: string[] = [];
    let gone!: () => void;
    const isGone = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const { ours } = await both(async ({ requestInfo }) => {
      if (leaveBefore === "building") {
        gone();
        await new Promise((resolve) => requestInfo?.signal.addEventListener("abort", resolve, { once: true }));
      }
      const server = build();
      server.registerTool("waits", {}, async ({ mcpReq: { signal } }) => {
        seen.push("begins");
        gone();
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        seen.push("aborted");
        return { content: [] };
      });
      server.server.onclose = () => seen.push("closed");
      return server;
    });
    const controller = new AbortController();
    const asked = fetch(ours, {
      method: "POST",
      headers: HEADERS,
      body: JSON.stringify(call("waits")),
      signal: controller.signal,
    });
    await isGone;
    controller.abort();
    await expect(asked.then((answer) => answer.text())).rejects.toThrow("aborted");
    return seen;
  }

  it("aborts the handler that works for it", async () => {
    const seen = await leave("the answer");
    await expect.poll(() => [...seen].sort()).toEqual(["aborted", "begins", "closed"]);
  });

  it("before a server is there leaves nothing that runs", async () => {
    const seen = await leave("building");
    await expect.poll(() => seen).toEqual(["closed"]);
  });
});

describe("a request that is left to the SDK's handler", () => {
  it.each(LEFT.map((body) => [JSON.stringify(body).slice(0, 100), body] as const))(
    "has another body: %s",
    async (_text, body) => {
      const { direct, compare } = await both();
      const [ours, theirs] = await compare(body);
      expect(ours).toEqual(theirs);
      expect(direct).not.toHaveBeenCalled();
    },
  );

  it.each(OTHER_HEADERS.map((headers) => [JSON.stringify(headers), headers] as const))(
    "has headers that it refuses, or may: %s",
    async (_text, headers) => {
      const { direct, compare } = await both();
      const [ours, theirs] = await compare(call("echo", { text: "1" }), headers);
      expect(ours).toEqual(theirs);
      expect(direct).not.toHaveBeenCalled();
    },
  );
});
