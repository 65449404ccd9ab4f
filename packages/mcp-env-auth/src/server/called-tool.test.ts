import type { IncomingMessage } from "node:http";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { type AccessToken, runWithAccessToken } from "../access-token.ts";
import { parsedBodyOf, toWebRequest } from "../sdk/web-request.ts";
import { Registrations } from "./offer/registrations.ts";
import { offerOf } from "./testing/offer.ts";

afterEach(() => vi.restoreAllMocks());

function fiftyTools(): Registrations {
  const registrations = new Registrations();
  for (let index = 0; index < 50; index += 1) {
    const inputSchema = z.object({ city: z.string() });
    registrations.addTool(`tool_${index}`, { inputSchema }, ({ city }) => `${index} ${city}`);
  }
  registrations.addTool("editors", { requiredRoles: ["editor"], visibility: "hidden" }, () => "for editors");
  registrations.addResource("notes", "notes://all", {}, () => "notes");
  registrations.addTool("announces", {}, async (context) => {
    await context.mcpReq.notify({ method: "notifications/resources/list_changed" });
    return "announced";
  });
  return registrations;
}

const call = (name: unknown, rest: object = {}) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: { city: "Paris" }, ...rest },
});

const HEADERS = { "content-type": ["application/json"], accept: ["application/json, text/event-stream"] };
const viewOf = (body: unknown) =>
  toWebRequest({ method: "POST", headersDistinct: HEADERS } as unknown as IncomingMessage, {
    url: "http://localhost/mcp",
    body,
    signal: new AbortController().signal,
  });

const reader: AccessToken = { token: "t", clientId: "c", scopes: [], expiresAt: 2e9, claims: {}, subject: "s" };
const editor: AccessToken = { ...reader, roles: ["editor"] };

/** What a body is answered, and which tools were put onto the SDK's server for it. */
async function ask(body: unknown, token = reader, build = offerOf(fiftyTools()).build) {
  const handler = createMcpHandler(build);
  const registerTool = vi.spyOn(McpServer.prototype, "registerTool");
  const answer = await runWithAccessToken(token, () => handler.fetch(viewOf(body), { parsedBody: body }));
  const text = await answer.text();
  const tools = registerTool.mock.calls.map(([name]) => name as string);
  registerTool.mockRestore();
  return { status: answer.status, text, tools };
}

describe("the SDK's server for a call", () => {
  it("has the called tool of fifty, and no other", async () => {
    const { text, tools } = await ask(call("tool_7"));
    expect(text).toContain("7 Paris");
    expect(tools).toEqual(["tool_7"]);
  });

  it.each([
    ["a list", { ...call("tool_7"), method: "tools/list" }],
    ["a batch", [call("tool_7"), { ...call("tool_7"), id: 2, method: "tools/list" }]],
    ["a call of a tool that there is not", call("tool_50")],
    ["a call of one by a name of the prototype", call("__proto__")],
    ["a call without a name", call(undefined)],
    ["a call by a name that is none", call({ toString: "tool_7" })],
  ])("has all of them for %s", async (_name, body) => {
    expect((await ask(body)).tools.length).toBeGreaterThanOrEqual(51);
  });

  it.each([
    call("tool_7"),
    call("tool_7", { arguments: {} }),
    call("tool_7", { _meta: { progressToken: 1 } }),
    call("announces"),
    call("editors"),
    { ...call("tool_7"), id: null },
    { jsonrpc: "2.0", method: "tools/call", params: { name: "tool_7" } },
  ])("answers as the whole server does: %j", async (body) => {
    const { build } = offerOf(fiftyTools());
    const whole = await ask(body, reader, () => build());
    const own = await ask(body, reader, build);
    expect([own.status, own.text]).toEqual([whole.status, whole.text]);
  });

  it("has a tool only for those who would see it in a list", async () => {
    expect((await ask(call("editors"), editor)).text).toContain("for editors");
    const { text, tools } = await ask(call("editors"));
    expect(text).toContain("not found");
    expect(tools).not.toContain("editors");
  });

  it("goes by the body that the SDK gets, whatever a request says of itself", () => {
    const body = call("tool_7");
    expect(parsedBodyOf(viewOf(body))).toBe(body);
    const posted = new Request("http://localhost/mcp", { method: "POST", body: JSON.stringify(body) });
    expect(parsedBodyOf(posted)).toBeUndefined();
  });
});
