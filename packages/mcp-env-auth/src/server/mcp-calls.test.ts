import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { McpServer } from "@modelcontextprotocol/server";
import { expect, it } from "vitest";
import { createOpenStreams } from "../http/open-streams.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../logger.ts";
import { Changes } from "./changes/changes.ts";
import { createSubscriptionBus } from "./changes/subscription-bus.ts";
import { createMcpCalls } from "./mcp-calls.ts";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "t", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

const PATIENT = { timeout: 20_000 };

it("more subscriptions are open than the SDK allows on its own, and all are told of a change", async () => {
  const changes = new Changes();
  const streams = createOpenStreams({ limit: 2000, clock: systemClock, logger: silentLogger });
  const { exchange, close } = createMcpCalls({
    factory: () => {
      const server = new McpServer({ name: "t", version: "1" }, { capabilities: { resources: { subscribe: true } } });
      server.registerResource("all", "test://all", {}, () => ({ contents: [] }));
      return server;
    },
    challenges: false,
    sessionStreams: undefined,
    bus: createSubscriptionBus({ changes, mayLearn: () => true, open: true, logger: silentLogger }),
    streams,
    url: "http://127.0.0.1/mcp",
    resourceMetadata: undefined,
    exchangeToken: undefined,
    logger: silentLogger,
  });
  const body = {
    jsonrpc: "2.0",
    id: 1,
    method: "subscriptions/listen",
    params: { _meta: META, notifications: { resourceSubscriptions: ["test://all"] } },
  };
  const told: ServerResponse[] = [];
  const open = () => {
    const request = new IncomingMessage(new Socket());
    request.method = "POST";
    request.headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "subscriptions/listen",
    };
    const distinct = Object.entries(request.headers).map(([name, value]) => [name, [value]]);
    request.headersDistinct = Object.fromEntries(distinct);
    const response = new ServerResponse(request);
    const write = response.write.bind(response) as (chunk: Uint8Array) => boolean;
    response.write = (chunk: Uint8Array) => {
      if (new TextDecoder().decode(chunk).includes("notifications/resources/updated")) {
        told.push(response);
      }
      return write(chunk);
    };
    return { response, served: exchange({ request, response, body, caller: undefined }) };
  };
  const opened = Array.from({ length: 1100 }, open);
  await expect
    .poll(() => new Set(opened.map(({ response }) => response.getHeader("content-type"))), PATIENT)
    .toEqual(new Set(["text/event-stream"]));
  changes.publish({ kind: "resource_updated", uri: "test://all" }, "everyone");
  await expect.poll(() => new Set(told).size, PATIENT).toBe(1100);
  streams.endAll();
  await Promise.all(opened.map(({ served }) => served));
  await close();
});
