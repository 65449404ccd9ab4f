import { createMcpHandler, ResourceTemplate } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { send, serve } from "../http/testing/serve.ts";
import { CLIENT_META, REVISIONS } from "../http/testing/tool-call.ts";
import { silentLogger } from "../logger.ts";
import { Registrations } from "../server/offer/registrations.ts";
import { createRequestServers } from "../server/offer/request-servers.ts";
import { offerOf } from "../server/testing/offer.ts";
import { createServer } from "../server.ts";
import * as directExchange from "./direct-exchange.ts";
import { mayUseFastPath } from "./fast-path.ts";
import { createMcpExchange } from "./mcp-exchange.ts";
import { RequestServer } from "./request-server.ts";
import { TESTED_SDK_VERSIONS } from "./sdk-version.ts";
import { clientOf, parsedBodyOf } from "./web-request.ts";

afterEach(() => vi.restoreAllMocks());

const [TESTED] = TESTED_SDK_VERSIONS;

describe("the fast path", () => {
  it.each([
    ["is taken with a version of the SDK that it was tested with", true, TESTED, true, undefined],
    ["is left for a version that it was not tested with", true, "99.0.0", false, "99.0.0 is installed"],
    ["is left where the version is unknown", true, undefined, false, "version here is unknown"],
    ["is left where the server's settings say so", false, TESTED, false, "FASTMCP_SDK_FAST_PATH is false"],
  ])("%s", (_what, wanted, installed, expected, reason) => {
    const lines: string[] = [];
    const logger = { ...silentLogger, info: (_fields: object, message: string) => void lines.push(message) };
    expect(mayUseFastPath({ wanted, installed, logger })).toBe(expected);
    expect(lines).toEqual(reason === undefined ? [] : [expect.stringContaining(reason)]);
  });

  it.each(["true", "false"])("is taken or left as FASTMCP_SDK_FAST_PATH=%s says", async (value) => {
    const answerDirectly = vi.spyOn(directExchange, "answerDirectly");
    const lines: string[] = [];
    const logger = { ...silentLogger, info: (_fields: object, message: string) => void lines.push(message) };
    const env = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none", FASTMCP_SDK_FAST_PATH: value };
    const server = createServer({ name: "test", version: "1", env, logger });
    server.registerTool("echo", {}, ({ http }) => String(clientOf(http?.req) !== undefined));
    const origin = await serve(await server.app());
    const body = JSON.stringify(call("echo", {}));
    const answer = await send(`${origin}/mcp`, { method: "POST", headers: headersOf("2025-11-25"), body });
    await server.close();
    expect(answer.body).toContain('"text":"true"');
    expect(answerDirectly).toHaveBeenCalledTimes(value === "true" ? 1 : 0);
    expect(lines.filter((line) => line.includes("plain handler"))).toHaveLength(value === "true" ? 0 : 1);
  });
});

const call = (name: string, args: object) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: args },
});

function headersOf(revision: (typeof REVISIONS)[number], method = "tools/call", name?: string): Record<string, string> {
  return {
    "Content-Type": "application/json",
    Accept: "application/json, text/event-stream",
    "MCP-Protocol-Version": revision,
    Authorization: "Bearer secret",
    ...(revision === "2026-07-28" && { "Mcp-Method": method, ...(name !== undefined && { "Mcp-Name": name }) }),
  };
}

function registered(seen: unknown[]): Registrations {
  const all = new Registrations();
  all.addTool("echo", { inputSchema: z.object({ text: z.string() }) }, ({ text }) => text);
  all.addTool("breaks", {}, () => {
    throw new Error("password=hunter2");
  });
  all.addTool("steps", {}, async ({ mcpReq, http }) => {
    seen.push([...(http?.req?.headers ?? [])].map(([name]) => name).sort(), http?.req?.url);
    await mcpReq.notify({ method: "notifications/progress", params: { progressToken: "p", progress: 1 } });
    return "done";
  });
  all.addResource("hidden", "test://hidden", { requiredRoles: ["r"], visibility: "hidden" }, () => "hidden");
  const many = new ResourceTemplate("test://{id}", {
    list: () => {
      throw new Error("password=hunter2");
    },
  });
  all.addResource("many", many, {}, (uri: URL) => uri.href);
  all.addPrompt("fails", {}, () => {
    throw new Error("password=hunter2");
  });
  return all;
}

const REQUESTS: (readonly [string, Record<string, unknown>])[] = [
  ["tools/call", { name: "echo", arguments: { text: "21 °C 🌦" } }],
  ["tools/call", { name: "echo", arguments: {} }],
  ["tools/call", { name: "breaks", arguments: {} }],
  ["tools/call", { name: "steps", arguments: {} }],
  ["tools/call", { name: "none", arguments: {} }],
  ["tools/list", {}],
  ["resources/list", {}],
  ["resources/templates/list", {}],
  ["resources/read", { uri: "test://hidden" }],
  ["resources/read", { uri: "test://other" }],
  ["prompts/list", {}],
  ["prompts/get", { name: "fails" }],
  ["no/such", {}],
  ["ping", {}],
];

describe("a request", () => {
  it.each(REVISIONS.flatMap((revision) => REQUESTS.map(([method, params]) => [revision, method, params] as const)))(
    "gets the same answer with the fast path and without: %s %s %j",
    async (revision, method, params) => {
      const seen: unknown[][] = [];
      const answers = [];
      for (const fastPath of [true, false]) {
        const told: unknown[] = [];
        const offer = offerOf(registered(told));
        const options = { info: { name: "test", version: "1" }, options: {}, logger: silentLogger };
        const build = createRequestServers(offer, { ...options, fastPath });
        const exchange = createMcpExchange({
          handler: createMcpHandler(build),
          direct: build,
          fastPath,
          streams: { add: () => () => {}, endAll: () => {} },
          url: "https://mcp.example.com/mcp",
          resourceMetadata: undefined,
          exchangeToken: undefined,
        });
        const _meta = revision === "2026-07-28" ? { _meta: CLIENT_META } : {};
        const body = { jsonrpc: "2.0", id: 1, method, params: { ...params, ..._meta } };
        const origin = await serve((request, response) => {
          request.resume();
          void exchange({ request, response, body, caller: undefined });
        });
        const name = params.name ?? params.uri;
        const headers = headersOf(revision, method, name as string | undefined);
        const answer = await send(origin, { method: "POST", headers });
        const { date: _date, "content-length": _length, "transfer-encoding": _encoding, ...rest } = answer.headers;
        const text = answer.body.replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, "a reference");
        answers.push({ status: answer.status, headers: rest, text });
        seen.push(told);
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(seen[1]).toEqual(seen[0]);
      expect(JSON.stringify([answers, seen])).not.toMatch(/hunter2|secret|authorization/);
    },
  );

  it("is served by the SDK's own parts alone without the fast path", async () => {
    const seen: unknown[] = [];
    const offer = offerOf(registered([]));
    const options = { info: { name: "test", version: "1" }, options: {}, logger: silentLogger };
    const build = createRequestServers(offer, { ...options, fastPath: false });
    const exchange = createMcpExchange({
      handler: createMcpHandler((context) => {
        const server = build(context);
        seen.push(server instanceof RequestServer, context.requestInfo?.constructor === Request);
        seen.push(parsedBodyOf(context.requestInfo));
        return server;
      }),
      direct: build,
      fastPath: false,
      streams: { add: () => () => {}, endAll: () => {} },
      url: "https://mcp.example.com/mcp",
      resourceMetadata: undefined,
      exchangeToken: undefined,
    });
    const origin = await serve((request, response) => {
      request.resume();
      void exchange({ request, response, body: call("echo", { text: "1" }), caller: undefined });
    });
    const answer = await send(origin, { method: "POST", headers: headersOf("2025-11-25") });
    expect(answer.status).toBe(200);
    expect(seen).toEqual([false, true, undefined]);
  });
});
