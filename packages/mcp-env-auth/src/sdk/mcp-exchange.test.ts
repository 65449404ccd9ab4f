import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Caller } from "../http/caller.ts";
import { send, serve } from "../http/testing/serve.ts";
import { createMcpExchange } from "./mcp-exchange.ts";

/** Serves requests by `answer`, in the place of the SDK's handler. */
function serving(
  answer: (request: Request, response: ServerResponse) => Promise<Response>,
  before: (response: ServerResponse) => void = () => {},
) {
  return serve((request, response) => {
    request.resume();
    before(response);
    const exchange = createMcpExchange({
      handler: { fetch: (view) => answer(view, response) },
      streams: { add: () => () => {}, endAll: () => {} },
      url: "https://mcp.example.com/mcp",
      resourceMetadata: undefined,
      exchangeToken: undefined,
    });
    exchange({ request, response, body: { method: "ping" }, caller: undefined }).catch(() => response.destroy());
  });
}

async function leave(origin: string): Promise<void> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  await once(socket, "connect");
  await new Promise((resolve) => setTimeout(resolve, 50));
  socket.destroy();
}

describe("the signal of a request", () => {
  it.each(["before", "after"])("aborts for a client that goes away, to whoever asked %s", async (when) => {
    const seen: boolean[] = [];
    const origin = await serving(async (request, response) => {
      const early = when === "before" ? request.signal : undefined;
      await once(response, "close");
      seen.push((early ?? request.signal).aborted, request.signal === (early ?? request.signal));
      return new Response(null);
    });
    await leave(origin);
    await expect.poll(() => seen).toEqual([true, true]);
  });

  it("has aborted at the start for a client that went away while its token was checked", async () => {
    const seen: boolean[] = [];
    const origin = await serving(
      async ({ signal }) => {
        seen.push(signal.aborted);
        return new Response(null);
      },
      (response) => response.destroy(),
    );
    await send(origin, { method: "POST" }).catch(() => {});
    await expect.poll(() => seen).toEqual([true]);
  });

  it("does not abort when the answer is sent, whenever it is asked for", async () => {
    const views: Request[] = [];
    const signals: AbortSignal[] = [];
    const origin = await serving(async (request) => {
      views.push(request);
      if (views.length === 1) {
        signals.push(request.signal);
      }
      return new Response("answer");
    });
    await send(origin, { method: "POST" });
    await send(origin, { method: "POST" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([...signals, ...views.map(({ signal }) => signal)].map(({ aborted }) => aborted)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("Security rule 16: what a handler is told of its caller", () => {
  it("is its own: to add a scope to it gives the next request none", async () => {
    const token = { token: "t", clientId: "c", scopes: ["read"], expiresAt: 2e9, claims: {}, subject: "s" };
    const seen: unknown[] = [];
    const exchange = createMcpExchange({
      handler: {
        async fetch(_request, options) {
          seen.push(structuredClone(options?.authInfo?.scopes));
          options?.authInfo?.scopes.push("admin");
          return new Response(null);
        },
      },
      streams: { add: () => () => {}, endAll: () => {} },
      url: "https://mcp.example.com/mcp",
      resourceMetadata: undefined,
      exchangeToken: undefined,
    });
    const caller = { token, streamToken: undefined } as unknown as Caller;
    const origin = await serve((request, response) => {
      request.resume();
      void exchange({ request, response, body: { method: "ping" }, caller });
    });
    for (let count = 0; count < 2; count++) {
      await send(origin, { method: "POST" });
    }
    expect(seen).toEqual([["read"], ["read"]]);
  });
});
