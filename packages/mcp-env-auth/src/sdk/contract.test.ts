import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  createMcpHandler,
  InMemoryTransport,
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  isJsonContentType,
  type JSONRPCMessage,
  McpServer,
  PerRequestHTTPServerTransport,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
  SdkError,
  SdkErrorCode,
  type Server,
  type ServerContext,
  type StandardSchemaWithJSON,
  SUPPORTED_PROTOCOL_VERSIONS,
  specTypeSchemas,
  type Transport,
} from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { installedSdkVersion, TESTED_SDK_VERSIONS } from "./sdk-version.ts";
import { wrapRequestHandlers } from "./wrap-request-handlers.ts";

// What this folder relies on of the MCP SDK. README.md lists it, each with the test here that says so.

afterEach(() => vi.restoreAllMocks());

type Handle = (request: { method: string; params?: Record<string, unknown> }, context: ServerContext) => unknown;

const INFO = { name: "test", version: "1" };
const newServer = () => new McpServer(INFO);

/** Connects a server in memory. Its answers are JSON-RPC messages. */
async function connect(server: McpServer | Server) {
  const [client, transport] = InMemoryTransport.createLinkedPair();
  const waiting = new Map<unknown, (answer: object) => void>();
  client.onmessage = (message: JSONRPCMessage) => "id" in message && waiting.get(message.id)?.(message);
  await client.start();
  await server.connect(transport);
  return {
    transport,
    ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
      const id = waiting.size + 1;
      return new Promise((resolve) => {
        waiting.set(id, resolve as (answer: object) => void);
        void client.send({ jsonrpc: "2.0", id, method, params: { ...params } });
      });
    },
  };
}

/** Calls the tool `name` by the SDK's handler. */
async function callByHandler(
  build: Parameters<typeof createMcpHandler>[0],
  revision: (typeof REVISIONS)[number],
  options: { request?: (headers: Record<string, string>) => Request; name?: string } = {},
): Promise<Response> {
  const { headers, body } = toolCall(revision, options.name ?? "works");
  const request = options.request?.(headers) ?? new Request("http://localhost/mcp", { method: "POST", headers });
  return createMcpHandler(build).fetch(request, { parsedBody: body });
}

/** A server with a tool that says what it was given. */
function working(run: (context: ServerContext) => void = () => {}, Made: typeof McpServer = McpServer): McpServer {
  const server = new Made(INFO);
  server.registerTool("works", {}, (context) => {
    run(context);
    return { content: [{ type: "text", text: "worked" }] };
  });
  return server;
}

describe("the installed MCP SDK", () => {
  it("is one of the versions that this contract is said to hold for", () => {
    expect(installedSdkVersion()).toMatch(/^\d+\.\d+\.\d+/);
    expect(TESTED_SDK_VERSIONS).toContain(installedSdkVersion());
  });
});

describe("a client", () => {
  it.each([
    ["Invalid structured content for tool out: city: ", { city: 1 }],
    ["Tool out has an output schema but", undefined],
  ])(
    "gets a result that an output schema refuses as an error with a known beginning: %s",
    async (said, structuredContent) => {
      const server = newServer();
      server.registerTool("out", { outputSchema: z.object({ city: z.string() }) }, () => ({
        content: [],
        ...(structuredContent && { structuredContent }),
      }));
      const { ask } = await connect(server);
      const answer = await ask("tools/call", { name: "out" });
      expect(answer).toMatchObject({ result: { isError: true, content: [{ type: "text" }] } });
      const { content } = answer.result as { content: { text: string }[] };
      expect(content[0]?.text).toMatch(/^(?:MCP error -?\d+: )?Output validation error: /);
      expect(content[0]?.text).toContain(said);
    },
  );
});

describe("the SDK", () => {
  it("has a schema of each result that a handler may return", () => {
    const { CallToolResult, ReadResourceResult, GetPromptResult } = specTypeSchemas;
    for (const schema of [CallToolResult, ReadResourceResult, GetPromptResult]) {
      expect(
        schema["~standard"].validate({ content: [{ type: "image" }], contents: [{}], messages: [{}] }),
      ).toHaveProperty("issues.0.path");
    }
    expect(CallToolResult["~standard"].validate({ content: [] }).issues).toBeUndefined();
  });

  it("keeps the handlers of a server in a map, and finds them there at each request", async () => {
    const server = working();
    const { _requestHandlers: handlers } = server.server as unknown as { _requestHandlers: Map<string, unknown> };
    expect(handlers.has("tools/call")).toBe(true);
    handlers.set("tools/call", async () => ({ content: [{ type: "text", text: "replaced" }] }));
    const { ask } = await connect(server);
    expect(JSON.stringify(await ask("tools/call", { name: "works" }))).toContain("replaced");
  });

  it("makes an object of the members of a schema, and keeps it with the tool", () => {
    const members = { city: z.string() } as unknown as z.ZodObject;
    const { inputSchema } = newServer().registerTool("t", { inputSchema: members }, () => ({ content: [] }));
    expect(inputSchema?.["~standard"].validate({ city: 7 })).toHaveProperty("issues");
    expect(inputSchema?.["~standard"].jsonSchema.input({ target: "draft-2020-12" })).toHaveProperty("properties.city");
  });

  it("asks its fallbackRequestHandler for every other method", async () => {
    const server = working();
    server.server.fallbackRequestHandler = async ({ method }) => ({ asked: method });
    const { ask } = await connect(server);
    expect(JSON.stringify(await ask("of/its/own", {}))).toContain('"asked":"of/its/own"');
  });
});

describe("request handlers", () => {
  it.each(REVISIONS)(
    "are wrapped by _wrapHandler of the instance, and go on by what it was given: %s",
    async (revision) => {
      const seen: unknown[] = [];
      const build = () => {
        const server = newServer();
        type Wrapped = (request: { params: object }, context: unknown) => Promise<unknown>;
        const wrapper = server.server as unknown as { _wrapHandler(method: string, handler: Wrapped): Wrapped };
        const original = wrapper._wrapHandler.bind(server.server);
        wrapper._wrapHandler = (method, handler) =>
          original(method, async ({ params, ...request }, context) => {
            seen.push(method);
            return handler({ ...request, params: { ...params, arguments: { n: "put in between" } } }, context);
          });
        server.registerTool("works", { inputSchema: z.object({ n: z.string() }) }, ({ n }) => {
          seen.push(n);
          return { content: [] };
        });
        return server;
      };
      await (await callByHandler(build, revision)).text();
      expect(seen).toEqual(["tools/call", "put in between"]);
    },
  );

  it("are registered by McpServer through setRequestHandler of its server, with whatever is registered first", () => {
    const methods: string[] = [];
    const server = newServer();
    const set = server.server.setRequestHandler.bind(server.server) as (...args: unknown[]) => void;
    server.server.setRequestHandler = (...args: unknown[]) => {
      methods.push(args[0] as string);
      set(...args);
    };
    const complete = { id: () => ["1"] };
    server.registerTool("t", {}, () => ({ content: [] }));
    server.registerPrompt("p", {}, () => ({ messages: [] }));
    const template = new ResourceTemplate("test://{id}", { list: undefined, complete });
    server.registerResource("r", template, {}, () => ({ contents: [] }));
    server.server.registerCapabilities({ logging: {} });
    expect(methods.sort()).toEqual([
      "completion/complete",
      "logging/setLevel",
      "prompts/get",
      "prompts/list",
      "resources/list",
      "resources/read",
      "resources/templates/list",
      "tools/call",
      "tools/list",
    ]);
  });

  it("are set with a method, schemas where it is not the protocol's, and the handler last", async () => {
    const { server } = newServer();
    const set = server.setRequestHandler.bind(server) as (...args: unknown[]) => void;
    set("own/method", { params: z.object({ a: z.number() }) }, ({ a }: { a: number }) => ({ a: a + 1 }));
    set("ping", () => ({ pong: true }));
    const { ask } = await connect(server);
    expect(await ask("own/method", { a: 1 })).toMatchObject({ result: { a: 2 } });
    expect(await ask("ping")).toMatchObject({ result: { pong: true } });
  });

  it("of tools/list give the tools that the list shows, each with its name", async () => {
    const server = newServer();
    const given: unknown[] = [];
    wrapRequestHandlers(server, (handler, method) =>
      method !== "tools/list"
        ? handler
        : async (...args) => {
            const listed = (await handler(...args)) as { tools: { name: string }[] };
            given.push(...listed.tools.map(({ name }) => name));
            return { ...listed, tools: listed.tools.map((tool) => ({ ...tool, extra: [1] })) };
          },
    );
    server.registerTool("one", {}, () => ({ content: [] }));
    const answer = await (await connect(server)).ask("tools/list");
    expect(given).toEqual(["one"]);
    expect(answer).toMatchObject({ result: { tools: [{ name: "one", extra: [1] }] } });
  });

  it("get the request and its context", async () => {
    const { server } = newServer();
    const seen: unknown[][] = [];
    (server.setRequestHandler as (method: string, handle: Handle) => void)("ping", (...args) => {
      seen.push([args.length, args[0].method, args[1].mcpReq.signal]);
      return {};
    });
    await (await connect(server)).ask("ping");
    expect(seen).toEqual([[2, "ping", expect.any(AbortSignal)]]);
  });

  it("of resources/read get a URI that is a string, or are not called", async () => {
    const uris: unknown[] = [];
    const server = new McpServer(INFO, { capabilities: { resources: {} } });
    (server.server.setRequestHandler as (method: string, handle: Handle) => void)("resources/read", ({ params }) => {
      uris.push(params?.uri);
      return { contents: [] };
    });
    const { ask } = await connect(server);
    await ask("resources/read", { uri: "test://1" });
    for (const uri of [1, undefined, {}, ["test://1"]]) {
      expect(await ask("resources/read", { uri })).toHaveProperty("error");
    }
    expect(uris).toEqual(["test://1"]);
  });
});

describe("errors", () => {
  const answerTo = async (error: Error, uri = "test://fails") => {
    const server = newServer();
    server.registerResource("r", "test://fails", {}, () => {
      throw error;
    });
    return (await connect(server)).ask("resources/read", { uri });
  };

  it("of the class ResourceNotFoundError are what a read of an unknown resource is answered with", async () => {
    const { error: unknown } = await answerTo(new Error(), "test://unknown");
    const { error: concealed } = await answerTo(new ResourceNotFoundError("test://unknown"));
    expect(concealed).toEqual(unknown);
    expect(new ResourceNotFoundError("x")).toBeInstanceOf(ProtocolError);
  });

  it("of the class ProtocolError reach the client as they are, and so does any other error's message", async () => {
    expect(await answerTo(new ProtocolError(-32_050, "told"))).toMatchObject({
      error: { code: -32_050, message: "told" },
    });
    expect(await answerTo(new Error("secret"))).toMatchObject({ error: { message: "secret" } });
  });

  it("have the codes of JSON-RPC", () => {
    expect(ProtocolErrorCode.InvalidParams).toBe(-32_602);
  });

  it("of a notification without a connection are of the class SdkError", async () => {
    const notified = newServer().server.notification({ method: "notifications/tools/list_changed" });
    await expect(notified).rejects.toBeInstanceOf(SdkError);
  });

  it("of a notification without a connection have the code NotConnected", async () => {
    const notified = newServer().server.notification({ method: "notifications/tools/list_changed" });
    await expect(notified).rejects.toMatchObject({ code: SdkErrorCode.NotConnected });
  });
});

describe("notifications", () => {
  it("that are about no request go through notification of the instance", async () => {
    const { server } = newServer();
    const notification = vi.fn(async () => {});
    server.notification = notification;
    await server.sendToolListChanged();
    await server.sendResourceUpdated({ uri: "test://1" });
    expect(notification).toHaveBeenCalledTimes(2);
  });
});

describe("the context of a request", () => {
  type Build = (context: ServerContext, extra?: unknown) => ServerContext;
  const builderOf = (server: McpServer) => server.server as unknown as { buildContext: Build };

  it("is made by a method buildContext, of the base context and what came with the message", async () => {
    const request = new Request("http://localhost/mcp");
    const context = builderOf(newServer()).buildContext({ mcpReq: { notify() {} } } as never, { request });
    expect(context.http?.req).toBe(request);
    expect(context.mcpReq.log).toBeTypeOf("function");
  });

  it.each(REVISIONS)("is made by buildContext of the instance, and handlers get it: %s", async (revision) => {
    const seen: unknown[] = [];
    const mark = {};
    const build = () => {
      const server = working((context) => seen.push((context as { mark?: unknown }).mark));
      const builder = builderOf(server);
      const original = builder.buildContext.bind(server.server);
      builder.buildContext = (...args) => Object.assign(original(...args), { mark });
      return server;
    };
    await (await callByHandler(build, revision)).text();
    expect(seen).toEqual([mark]);
  });

  it("has what buildContext finds in mcpReq, and logs by its notify", async () => {
    const server = new McpServer(INFO, { capabilities: { logging: {} } });
    const notify = vi.fn(async () => {});
    const builder = builderOf(server);
    const original = builder.buildContext.bind(server.server);
    builder.buildContext = (context, extra) => {
      context.mcpReq = { ...context.mcpReq, notify };
      return original(context, extra);
    };
    server.registerTool("works", {}, async ({ mcpReq }) => {
      await mcpReq.log("error", "it");
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken: 1, progress: 1 } });
      return { content: [] };
    });
    const { ask } = await connect(server);
    await ask("logging/setLevel", { level: "debug" });
    await ask("tools/call", { name: "works", arguments: {} });
    expect(notify.mock.calls).toHaveLength(2);
  });
});

describe("McpServer", () => {
  class Own extends McpServer {}

  it.each(REVISIONS)("may be a subclass, for the handler too: %s", async (revision) => {
    const answer = await callByHandler(() => working(undefined, Own), revision);
    expect(await answer.text()).toContain("worked");
  });

  it.each(REVISIONS)("is connected by its connect, which sets onclose of the transport: %s", async (revision) => {
    const seen: unknown[] = [];
    class Connecting extends McpServer {
      override async connect(transport: Transport): Promise<void> {
        seen.push(transport.onclose);
        await super.connect(transport);
        seen.push(typeof transport.onclose);
      }
    }
    await (await callByHandler(() => working(undefined, Connecting), revision)).text();
    expect(seen).toEqual([undefined, "function"]);
  });

  it.each(REVISIONS)("is told of the end by what its transport has as onclose then: %s", async (revision) => {
    const ended = vi.fn();
    class Connecting extends McpServer {
      override async connect(transport: Transport): Promise<void> {
        await super.connect(transport);
        const { onclose } = transport;
        transport.onclose = () => {
          ended(this.isConnected());
          onclose?.();
          ended(this.isConnected());
        };
      }
    }
    await (await callByHandler(() => working(undefined, Connecting), revision)).text();
    await expect.poll(() => ended.mock.calls.slice(0, 2)).toEqual([[true], [false]]);
  });

  it("finds its server in a member that can be replaced, and nothing of the one before", async () => {
    const server = newServer();
    const { transport } = await connect(server);
    const other = newServer();
    Object.assign(server, { server: other.server });
    expect(server.isConnected()).toBe(false);
    await server.close();
    expect(await Promise.race([new Promise((resolve) => (transport.onclose = () => resolve("closed"))), "open"])).toBe(
      "open",
    );
  });
});

describe("transports", () => {
  const transportOf = async (revision: (typeof REVISIONS)[number]) => {
    const transports: Transport[] = [];
    class Connecting extends McpServer {
      override async connect(transport: Transport): Promise<void> {
        transports.push(transport);
        await super.connect(transport);
      }
    }
    await (await callByHandler(() => working(undefined, Connecting), revision)).text();
    return transports;
  };

  it("of the handler are PerRequestHTTPServerTransport for 2026-07-28, and no other", async () => {
    const [modern, legacy] = await Promise.all([transportOf("2026-07-28"), transportOf("2025-11-25")]);
    expect(modern).toEqual([expect.any(PerRequestHTTPServerTransport)]);
    expect(legacy.map((transport) => transport instanceof PerRequestHTTPServerTransport)).toEqual([false]);
  });

  it("of 2026-07-28 are given all messages by their send, and end the handler's part when they are closed", async () => {
    const sent: unknown[] = [];
    class Diverting extends McpServer {
      override async connect(transport: Transport): Promise<void> {
        await super.connect(transport);
        transport.send = async (message) => {
          sent.push(message);
          queueMicrotask(() => void transport.close());
        };
      }
    }
    const answer = await callByHandler(() => working(undefined, Diverting), "2026-07-28");
    expect([answer.status, answer.body]).toEqual([499, null]);
    expect(sent).toEqual([expect.objectContaining({ id: 1, result: expect.anything() })]);
  });

  it("may be anyone's: a server starts it, takes its messages, and answers by it", async () => {
    const sent: unknown[] = [];
    const aborted: boolean[] = [];
    const transport: Transport = {
      start: vi.fn(async () => {}),
      send: async (message, options) => void sent.push([message, options?.relatedRequestId]),
      close: async () => {},
    };
    const server = newServer();
    server.registerTool("works", {}, async ({ mcpReq, http }) => {
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken: 1, progress: 1 } });
      return { content: [{ type: "text", text: http?.req?.url ?? "" }] };
    });
    server.registerTool("waits", {}, async ({ mcpReq: { signal } }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      aborted.push(true);
      return { content: [] };
    });
    await server.connect(transport);
    expect(transport.start).toHaveBeenCalledOnce();
    const request = new Request("http://localhost/of-the-request");
    const call = (id: number, name: string) =>
      transport.onmessage?.({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: {} } }, { request });
    call(7, "works");
    await expect.poll(() => sent).toHaveLength(2);
    const content = [{ type: "text", text: request.url }];
    expect(sent).toEqual([
      [expect.objectContaining({ method: "notifications/progress" }), 7],
      [{ jsonrpc: "2.0", id: 7, result: { content } }, undefined],
    ]);
    call(8, "waits");
    await new Promise((resolve) => setTimeout(resolve));
    transport.onclose?.();
    await expect.poll(() => aborted).toEqual([true]);
  });

  it("end a server once, when they are closed twice", async () => {
    const server = newServer();
    const ended = vi.fn();
    server.server.onclose = ended;
    const { transport } = await connect(server);
    await transport.close();
    transport.onclose = () => {};
    await transport.close();
    expect(ended).toHaveBeenCalledOnce();
  });
});

describe("a server that asks its client", () => {
  const ROOTS = { roots: [{ uri: "file:///a" }] };

  /** Connects a server to a client that declared `capabilities`, and begins to ask it for its roots. */
  async function asking(capabilities: object, options: { timeout?: number } = {}) {
    const sent: Record<string, unknown>[] = [];
    const transport: Transport = {
      start: async () => {},
      send: async (message) => void sent.push(message as never),
      close: async () => {},
    };
    const server = new McpServer(INFO, { enforceStrictCapabilities: true });
    await server.connect(transport);
    const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: INFO };
    transport.onmessage?.({ jsonrpc: "2.0", id: "hello", method: "initialize", params });
    await expect.poll(() => sent).toHaveLength(1);
    const asked = server.server.listRoots({}, options);
    asked.catch(() => {});
    return { asked, sent, take: (message: object) => transport.onmessage?.(message as JSONRPCMessage) };
  }

  it("asks by the send of its transport, and takes the answer to its own id by onmessage", async () => {
    const { asked, sent, take } = await asking({ roots: {} });
    expect(sent[1]).toMatchObject({ method: "roots/list" });
    take({ jsonrpc: "2.0", id: sent[1]?.id, result: ROOTS });
    await expect(asked).resolves.toEqual(ROOTS);
  });

  it("takes an answer that isJSONRPCResultResponse or isJSONRPCErrorResponse takes, and drops any other", async () => {
    const answer = { jsonrpc: "2.0", id: 0 };
    const refusal = { ...answer, error: { code: 1, message: "No" } };
    const dropped = [{ ...answer, result: { _meta: 1 } }, { ...answer, error: {} }, answer];
    expect([{ ...answer, result: {} }, ...dropped].map(isJSONRPCResultResponse)).toEqual([true, false, false, false]);
    expect([refusal, ...dropped].map(isJSONRPCErrorResponse)).toEqual([true, false, false, false]);
    const { asked, sent, take } = await asking({ roots: {} });
    for (const message of dropped) {
      take({ ...message, id: sent[1]?.id });
    }
    take({ jsonrpc: "2.0", id: sent[1]?.id, result: ROOTS });
    await expect(asked).resolves.toEqual(ROOTS);
  });

  describe("has errors that", () => {
    it("of a question are of the class ProtocolError where the client has answered", async () => {
      const { asked, sent, take } = await asking({ roots: {} });
      take({ jsonrpc: "2.0", id: sent[1]?.id, error: { code: 1, message: "No" } });
      await expect(asked).rejects.toMatchObject({ code: 1, message: "No" });
      await expect(asked).rejects.toBeInstanceOf(ProtocolError);
    });

    it("of a question are of the class SdkError where it has not, with a code that says why", async () => {
      const { asked } = await asking({});
      await expect(asked).rejects.toBeInstanceOf(SdkError);
      await expect(asked).rejects.toMatchObject({ code: "CAPABILITY_NOT_SUPPORTED" });
      await expect(asked).rejects.toThrow(/^Client does not support/);
      const { asked: late } = await asking({ roots: {} }, { timeout: 1 });
      await expect(late).rejects.toMatchObject({ code: SdkErrorCode.RequestTimeout });
      const { asked: wrong, sent, take } = await asking({ roots: {} });
      take({ jsonrpc: "2.0", id: sent[1]?.id, result: { roots: 7 } });
      await expect(wrong).rejects.toMatchObject({ code: SdkErrorCode.InvalidResult });
    });
  });
});

describe("the classification of requests", () => {
  it("by isJSONRPCRequest takes an id that is a string or a whole number, and params that are an object", () => {
    const request = { jsonrpc: "2.0", id: 1, method: "m" };
    const taken = [request, { ...request, id: "a" }, { ...request, params: { _meta: { a: 1 } } }];
    expect(taken.map(isJSONRPCRequest)).toEqual([true, true, true]);
    const { id: _id, ...notification } = request;
    const refused = [
      notification,
      { ...request, id: null },
      { ...request, id: 1.5 },
      { ...request, params: [] },
      [request],
    ];
    expect(refused.map(isJSONRPCRequest)).toEqual(refused.map(() => false));
  });

  it("by isJsonContentType goes by the media type alone", () => {
    const taken = ["application/json", "Application/JSON; charset=utf-8"];
    expect(taken.map(isJsonContentType)).toEqual([true, true]);
    const refused = [null, "", "text/plain", "application/jsonp", "application/json, text/plain"];
    expect(refused.map(isJsonContentType)).toEqual(refused.map(() => false));
  });

  it("by _meta has the keys of the protocol", () => {
    const keys = [PROTOCOL_VERSION_META_KEY, CLIENT_INFO_META_KEY, CLIENT_CAPABILITIES_META_KEY];
    const names = ["protocolVersion", "clientInfo", "clientCapabilities"];
    expect(keys).toEqual(names.map((name) => `io.modelcontextprotocol/${name}`));
  });

  it("by header takes the revisions up to 2025-11-25, and none that is later", () => {
    expect(SUPPORTED_PROTOCOL_VERSIONS).toContain("2025-11-25");
    expect(SUPPORTED_PROTOCOL_VERSIONS.filter((version) => version > "2025-11-25")).toEqual([]);
  });
});

describe("the SDK's handler", () => {
  it.each(REVISIONS)(
    "builds a server for each request, and gives that request to it and its handlers: %s",
    async (revision) => {
      const built: unknown[] = [];
      const told: unknown[] = [];
      const handler = createMcpHandler(({ requestInfo }) => {
        const server = working(({ http }) => told.push(http?.req));
        built.push([server, requestInfo]);
        return server;
      });
      const requests = [1, 2].map(() => {
        const { headers } = toolCall(revision, "works");
        return new Request("http://localhost/mcp", { method: "POST", headers });
      });
      for (const request of requests) {
        await (await handler.fetch(request, { parsedBody: toolCall(revision, "works").body })).text();
      }
      const [[first], [second]] = built as [[unknown, unknown], [unknown, unknown]];
      expect(first).not.toBe(second);
      for (const [index, request] of requests.entries()) {
        expect((built[index] as unknown[])[1]).toBe(request);
        expect(told[index]).toBe(request);
      }
    },
  );

  it.each(REVISIONS)(
    "reads method, headers and signal of a request whose body is parsed, and nothing else: %s",
    async (revision) => {
      const read = new Set<PropertyKey>();
      const request = (headers: Record<string, string>) =>
        new Proxy(new Request("http://localhost/mcp", { method: "POST", headers }), {
          get(target, name) {
            read.add(name);
            return Reflect.get(target, name, target);
          },
        });
      const answer = await callByHandler(() => working(), revision, { request });
      expect(await answer.text()).toContain("worked");
      expect([...read].filter((name) => !["method", "headers", "signal"].includes(String(name)))).toEqual([]);
    },
  );

  it("asks a tool's schema for its JSON Schema at each call, and validates by ~standard", async () => {
    const schema = z.object({});
    const { jsonSchema, ...standard } = schema["~standard"];
    const input = vi.fn(jsonSchema.input);
    const validate = vi.fn(standard.validate);
    const own = { "~standard": { ...standard, validate, jsonSchema: { ...jsonSchema, input } } };
    const build = () => {
      const server = newServer();
      server.registerTool("works", { inputSchema: own as StandardSchemaWithJSON }, () => ({ content: [] }));
      return server;
    };
    for (const _call of [1, 2]) {
      expect((await callByHandler(build, "2026-07-28")).status).toBe(200);
    }
    expect(validate).toHaveBeenCalledTimes(2);
    expect(input.mock.calls.length).toBeGreaterThanOrEqual(2);
    for (const [options] of input.mock.calls) {
      expect(Object.keys(options)).toContain("target");
    }
  });

  it("matches a resource template by its variables", async () => {
    const server = newServer();
    const template = new ResourceTemplate("test://{id}", { list: undefined });
    server.registerResource("r", template, {}, ({ href }, { id }) => ({ contents: [{ uri: href, text: String(id) }] }));
    const { ask } = await connect(server);
    expect(await ask("resources/read", { uri: "test://7" })).toMatchObject({ result: { contents: [{ text: "7" }] } });
  });
});
