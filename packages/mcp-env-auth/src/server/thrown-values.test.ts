import { createMcpHandler, McpServer, ProtocolError, ResourceTemplate } from "@modelcontextprotocol/server";
import express from "express";
import pino from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { runWithAccessToken } from "../access-token.ts";
import { ToolError } from "../errors.ts";
import { serve } from "../http/testing/serve.ts";
import { CLIENT_META, REVISIONS } from "../http/testing/tool-call.ts";
import { Registrations } from "./offer/registrations.ts";
import { protect } from "./protect.ts";
import { offerOf } from "./testing/offer.ts";

const SECRET = "dsn=postgres://10.0.0.1";

function frozenCircle(): Error {
  const error = new Error(SECRET);
  error.cause = error;
  return Object.freeze(error);
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable(new Error(SECRET), {});
  revoke();
  return proxy;
}

const unreadable = () =>
  Object.defineProperty(new ToolError("x"), "message", {
    get() {
      throw new Error(SECRET);
    },
  });

const THROWN: Readonly<Record<string, () => unknown>> = {
  "an Error": () => new Error(SECRET),
  "a string": () => SECRET,
  null: () => null,
  undefined: () => undefined,
  "a BigInt": () => 1n,
  "an error that is frozen, and its own cause": frozenCircle,
  "a ToolError that can't be read": unreadable,
  "a revoked proxy": revoked,
  "an error of the protocol with data that JSON can't write": () => new ProtocolError(-32602, "x", { n: 1n }),
};

const KINDS: Readonly<Record<string, { readonly method: string; readonly params: object; readonly label: string }>> = {
  tool: { method: "tools/call", params: { name: "fails" }, label: "The tool fails" },
  "tool's authorize": { method: "tools/call", params: { name: "guarded" }, label: "The tool guarded: authorize" },
  "tool's schema": { method: "tools/call", params: { name: "strict" }, label: "The tool strict: its inputSchema" },
  "tool's members of a schema": {
    method: "tools/call",
    params: { name: "members", arguments: { city: "x" } },
    label: "The tool members: its inputSchema",
  },
  prompt: { method: "prompts/get", params: { name: "fails" }, label: "The prompt fails" },
  resource: { method: "resources/read", params: { uri: "test://fails" }, label: "The resource fails" },
  template: { method: "resources/read", params: { uri: "many://1" }, label: "The resource many" },
  list: { method: "resources/list", params: {}, label: "The resource many" },
  completion: {
    method: "completion/complete",
    params: { ref: { type: "ref/resource", uri: "many://{id}" }, argument: { name: "id", value: "" } },
    label: "The resource many",
  },
};

function recording() {
  const lines: { level: number; msg: string; reference?: string; err?: { message: string } }[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return { lines, logger: pino({ level: "debug" }, { write }) };
}

function registered(fail: () => never): Registrations {
  const all = new Registrations();
  const later = async () => fail();
  all.addTool("fails", {}, later);
  all.addTool("guarded", { authorize: later }, () => "x");
  all.addTool("strict", { inputSchema: z.object({}).refine(fail) }, () => "x");
  all.addTool("members", { inputSchema: { city: z.string().refine(fail) } as never }, () => "x");
  all.addPrompt("fails", {}, later);
  all.addResource("fails", "test://fails", {}, later);
  all.addResource("many", new ResourceTemplate("many://{id}", { list: later, complete: { id: later } }), {}, later);
  return all;
}

const cases = Object.keys(KINDS).flatMap((kind) => Object.keys(THROWN).map((what) => [kind, what] as const));

describe("what the code of a handler throws", () => {
  it.each(cases)("is masked and in the log: in a %s, %s", async (kind, what) => {
    const { lines, logger } = recording();
    const fail = (): never => {
      throw THROWN[what]?.();
    };
    const { build } = offerOf(registered(fail), { logger });
    const { method, params, label } = KINDS[kind] ?? { method: "", params: {}, label: "" };
    const handler = createMcpHandler(build);
    const token = { token: "t", clientId: "c", scopes: [], expiresAt: 2e9, claims: {}, subject: "s" };
    for (const revision of REVISIONS) {
      const { headers, body } = request(revision, method, params);
      const asked = () =>
        handler.fetch(new Request("http://localhost/mcp", { method: "POST", headers }), { parsedBody: body });
      const answer = await (await runWithAccessToken(token, asked)).text();
      const [, reference] =
        /Something went wrong in the server\. Its operator can look up ([\w-]{36}) in/.exec(answer) ?? [];
      expect(answer).not.toContain(SECRET);
      const line = lines.find((one) => one.reference === reference);
      expect(line?.msg.slice(0, label.length), answer).toBe(label);
      expect(line).toMatchObject({ level: 50, err: { message: expect.any(String) } });
    }
  });

  it("as a ToolError is told, and its cause is logged at DEBUG", async () => {
    const { lines, logger } = recording();
    const registrations = new Registrations();
    registrations.addTool("fails", {}, () => {
      throw new ToolError("No such city.", { cause: new Error(SECRET) });
    });
    const { headers, body } = request("2026-07-28", "tools/call", { name: "fails" });
    const handler = createMcpHandler(offerOf(registrations, { logger }).build);
    const given = new Request("http://localhost/mcp", { method: "POST", headers });
    const answer = await (await handler.fetch(given, { parsedBody: body })).text();
    expect(answer).toContain("No such city.");
    expect(answer).not.toContain(SECRET);
    expect(lines).toMatchObject([
      { level: 20, err: { message: SECRET }, msg: expect.stringContaining("The tool fails") },
    ]);
  });
});

describe("behind protect()", () => {
  const UNSENDABLE: Readonly<Record<string, () => unknown>> = {
    "throws null": () => {
      throw null;
    },
    "throws undefined": () => Promise.reject(undefined),
    "throws what can't be read": () => {
      throw unreadable();
    },
    "throws an error whose data JSON can't write": () => {
      throw new ProtocolError(-32602, "x", { n: 1n });
    },
    "returns a BigInt": () => ({ content: [], messages: [], contents: [], _meta: { n: 1n } }),
    "returns nothing": () => undefined,
  };
  const asked = [
    ["prompts/get", { name: "p" }],
    ["resources/read", { uri: "test://r" }],
    ["of/its/own", {}],
  ] as const;

  it.each(Object.keys(UNSENDABLE))("a handler that %s is logged, and its request answered", async (what) => {
    const { lines, logger } = recording();
    const build = () => {
      const server = new McpServer({ name: "test", version: "1" });
      server.registerPrompt("p", {}, UNSENDABLE[what] as never);
      server.registerResource("r", "test://r", {}, UNSENDABLE[what] as never);
      server.server.fallbackRequestHandler = UNSENDABLE[what] as never;
      return server;
    };
    const app = express();
    const env = { FASTMCP_ENV_FILE: "", FASTMCP_SERVER_AUTH: "none" };
    const protection = await protect(app, build, { env, logger });
    onTestFinished(() => protection.close());
    const origin = await serve(app);
    for (const revision of REVISIONS) {
      for (const [method, params] of asked) {
        const { headers, body } = request(revision, method, params);
        const answer = await fetch(`${origin}/mcp`, { method: "POST", headers, body: JSON.stringify(body) });
        const [, reference] =
          /Something went wrong in the server\. Its operator can look up ([\w-]{36}) in/.exec(await answer.text()) ??
          [];
        expect(lines.find((line) => line.reference === reference)?.msg.startsWith(method)).toBe(true);
      }
    }
  });
});

function request(revision: (typeof REVISIONS)[number], method: string, params: { name?: string; uri?: string }) {
  const isModern = revision === "2026-07-28";
  const named = params.name ?? params.uri;
  return {
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": revision,
      ...(isModern && { "Mcp-Method": method, ...(named !== undefined && { "Mcp-Name": named }) }),
    },
    body: { jsonrpc: "2.0", id: 1, method, params: isModern ? { ...params, _meta: CLIENT_META } : params },
  };
}
