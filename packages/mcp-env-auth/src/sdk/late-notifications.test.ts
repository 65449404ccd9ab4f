import { createMcpHandler } from "@modelcontextprotocol/server";
import { describe, expect, it } from "vitest";
import { serve } from "../http/testing/serve.ts";
import { type REVISIONS, toolCall } from "../http/testing/tool-call.ts";
import { Registrations } from "../server/offer/registrations.ts";
import { offerOf } from "../server/testing/offer.ts";
import { createMcpExchange } from "./mcp-exchange.ts";

const progress = { method: "notifications/progress" as const, params: { progressToken: 1, progress: 1 } };

/** Calls a tool that notifies when its request is over, and gives what comes of that. */
async function notifyLate(revision: (typeof REVISIONS)[number], end: "answered" | "left") {
  const client = new AbortController();
  const registrations = new Registrations();
  const outcome = new Promise((resolve) => {
    registrations.addTool("works", {}, async ({ mcpReq: { notify, signal } }) => {
      signal.addEventListener("abort", () => setTimeout(() => resolve(notify(progress).catch((error) => error)), 20));
      if (end === "left") {
        client.abort();
        await new Promise(() => {});
      }
      setTimeout(() => resolve(notify(progress).catch((error) => error)), 50);
      return "done";
    });
  });
  const { build } = offerOf(registrations);
  const exchange = createMcpExchange({
    handler: createMcpHandler(build),
    direct: build,
    streams: { add: () => () => {}, endAll: () => {} },
    url: "https://mcp.example.com/mcp",
    resourceMetadata: undefined,
    exchangeToken: undefined,
  });
  const { headers, body } = toolCall(revision, "works");
  const origin = await serve((request, response) => {
    request.resume();
    void exchange({ request, response, body, caller: undefined });
  });
  const asked = fetch(origin, { method: "POST", headers, signal: client.signal });
  await asked.then((answer) => answer.text()).catch(() => {});
  return outcome;
}

describe("a notification of a request that is over", () => {
  it.each([
    ["2025-11-25", "answered"],
    ["2025-11-25", "left"],
    ["2026-07-28", "answered"],
    ["2026-07-28", "left"],
  ] as const)("goes nowhere, and fails nobody: %s, %s", async (revision, end) => {
    expect(await notifyLate(revision, end)).toBeUndefined();
  });

  it("still fails when it is none that the protocol has", async () => {
    const registrations = new Registrations();
    const outcome = new Promise((resolve) => {
      registrations.addTool("asks", {}, async ({ mcpReq }) => {
        resolve(await mcpReq.notify({ method: "notifications/tasks/status" } as never).catch((error) => error.code));
        return "done";
      });
    });
    const handler = createMcpHandler(offerOf(registrations).build);
    const { headers, body: parsedBody } = toolCall("2026-07-28", "asks");
    await handler.fetch(new Request("http://localhost/mcp", { method: "POST", headers }), { parsedBody });
    expect(await outcome).toBe("METHOD_NOT_SUPPORTED_BY_PROTOCOL_VERSION");
  });
});
