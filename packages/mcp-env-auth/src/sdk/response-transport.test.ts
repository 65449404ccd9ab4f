import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { ResponseTransport } from "./response-transport.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** A transport for each request, for the request 1. Timers are faked only then: the listener has one of its own. */
function connected(use: (transport: ResponseTransport, response: ServerResponse) => unknown) {
  return serve((_request, response) => void use(new ResponseTransport(response, 1), response));
}

const answer = (result: Record<string, unknown>, id: string | number = 1) => ({ jsonrpc: "2.0" as const, id, result });
const progress = (count: number) => ({
  jsonrpc: "2.0" as const,
  method: "notifications/progress",
  params: { progressToken: 1, progress: count },
});
const event = (message: unknown) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

/** The text that comes for a request, piece by piece. */
async function pieces(origin: string) {
  const response = await fetch(origin);
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  return { next: async () => (await reader.read()).value, leave: () => reader.cancel() };
}

describe("the connection of one request", () => {
  it("sends an answer that is there at once as one event, with its length", async () => {
    const origin = await connected((transport) => transport.send(answer({ temperature: "21 °C" })));
    const { status, headers, body } = await send(origin);
    expect([status, body]).toEqual([200, event(answer({ temperature: "21 °C" }))]);
    expect(headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
      "content-length": String(Buffer.byteLength(body)),
    });
  });

  it("tells at once that an answer will come, and sends what is said meanwhile as it comes", async () => {
    let transport!: ResponseTransport;
    const origin = await connected((made) => {
      transport = made;
    });
    const { next } = await pieces(origin);
    for (const count of [1, 2]) {
      await transport.send(progress(count), { relatedRequestId: 1 });
      expect(await next()).toBe(event(progress(count)));
    }
    await transport.send(answer({}));
    expect(await next()).toBe(event(answer({})));
    expect(await next()).toBeUndefined();
  });

  it("says every 15 s that it is alive, until it has answered", async () => {
    let transport!: ResponseTransport;
    const origin = await connected((made) => {
      transport = made;
    });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const { next } = await pieces(origin);
    vi.advanceTimersByTime(15_000);
    expect(await next()).toBe(": keepalive\n\n");
    await transport.send(answer({}));
    expect(await next()).toBe(event(answer({})));
    expect(await next()).toBeUndefined();
    await expect.poll(() => vi.getTimerCount()).toBe(0);
  });

  it("does not say so to a client that does not read what came before", async () => {
    let transport!: ResponseTransport;
    let response!: ServerResponse;
    const origin = await connected((made, given) => {
      transport = made;
      response = given;
    });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await expect.poll(() => response?.headersSent).toBe(true);
    const large = { method: "notifications/message", params: { data: "x".repeat(20_000_000) } };
    void transport.send({ jsonrpc: "2.0", ...large }, { relatedRequestId: 1 });
    const { writableLength } = response;
    expect(writableLength).toBeGreaterThan(0);
    vi.advanceTimersByTime(60_000);
    expect(response.writableLength).toBe(writableLength);
    socket.destroy();
  });

  it.each(["at once", "later"])("writes nothing after an answer %s that its client has not read yet", async (when) => {
    const errors: unknown[] = [];
    let response!: ServerResponse;
    const origin = await connected(async (transport, given) => {
      response = given.on("error", (error) => errors.push(error));
      if (when === "later") {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await transport.send(answer({ text: "x".repeat(20_000_000) }));
    });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await expect.poll(() => response?.writableEnded).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(60_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect([response.writableFinished, errors, vi.getTimerCount()]).toEqual([false, [], 0]);
    socket.destroy();
  });

  it("is closed when the answer is sent, once", async () => {
    const onclose = vi.fn();
    let closed: Promise<void> | undefined;
    const origin = await connected(async (transport) => {
      transport.onclose = onclose;
      closed = transport.closed;
      await transport.send(answer({}));
    });
    await send(origin);
    await closed;
    expect(onclose).toHaveBeenCalledOnce();
  });

  it("is closed when the client goes away, and then nothing is sent any more", async () => {
    const onclose = vi.fn();
    let transport!: ResponseTransport;
    const origin = await connected((made) => {
      transport = made;
      made.onclose = onclose;
    });
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "data");
    socket.destroy();
    await transport.closed;
    await transport.close();
    expect(onclose).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
    await expect(transport.send(progress(1), { relatedRequestId: 1 })).resolves.toBeUndefined();
    await expect(transport.send(answer({}))).resolves.toBeUndefined();
  });

  it("drops what comes after the answer, and what is about no request", async () => {
    const origin = await connected(async (transport) => {
      await transport.send(progress(1));
      await transport.send(answer({}));
      await transport.send(progress(2), { relatedRequestId: 1 });
      await transport.send(answer({ again: true }));
    });
    expect((await send(origin)).body).toBe(event(answer({})));
  });

  it("refuses what is about another request", async () => {
    const errors: unknown[] = [];
    const origin = await connected(async (transport) => {
      await transport.send(answer({}, 2)).catch((error: unknown) => errors.push(error));
      await transport.send(progress(1), { relatedRequestId: "1" }).catch((error: unknown) => errors.push(error));
      await transport.send(answer({}));
    });
    expect((await send(origin)).body).toBe(event(answer({})));
    expect(errors).toHaveLength(2);
  });

  it("answers with an error what can't be written as JSON", async () => {
    let failure: unknown;
    const origin = await connected((transport) =>
      transport.send(answer({ count: 1n as never })).catch((error: unknown) => {
        failure = error;
      }),
    );
    const error = { code: -32603, message: "Internal error" };
    expect((await send(origin)).body).toBe(event({ jsonrpc: "2.0", id: 1, error }));
    expect(failure).toBeInstanceOf(TypeError);
  });

  it("waits for a client that reads slowly", async () => {
    const text = "x".repeat(64 * 1024);
    let sent = 0;
    const origin = await connected(async (transport) => {
      while (sent < 400) {
        const params = { progressToken: 1, progress: sent, message: text };
        await transport.send({ jsonrpc: "2.0", method: "notifications/progress", params }, { relatedRequestId: 1 });
        sent += 1;
      }
      await transport.send(answer({}));
    });
    const response = await fetch(origin);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(400);
    expect((await response.text()).match(/event: message/g)).toHaveLength(401);
  });

  it("waits once for all that is sent at the same time", async () => {
    const listeners: number[] = [];
    const origin = await connected(async (transport, response) => {
      const before = response.listenerCount("close");
      const params = { progressToken: 1, progress: 1, message: "x".repeat(64 * 1024) };
      const message = { jsonrpc: "2.0" as const, method: "notifications/progress", params };
      const sent = Array.from({ length: 50 }, () => transport.send(message, { relatedRequestId: 1 }));
      listeners.push(response.listenerCount("drain"), response.listenerCount("close") - before);
      await Promise.all(sent);
      await transport.send(progress(2), { relatedRequestId: 1 });
      await transport.send(answer({}));
    });
    expect((await send(origin)).body.match(/event: message/g)).toHaveLength(52);
    expect(listeners).toEqual([1, 1]);
  });
});
