import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { send, serve } from "../http/testing/serve.ts";
import { sendWebResponse } from "./web-response.ts";

const EVENTS = { "Content-Type": "text/event-stream", "Cache-Control": "no-cache", Connection: "keep-alive" };

function answering(answer: () => Response, prepare: (response: ServerResponse) => void = () => {}) {
  return serve((_request, response) => {
    prepare(response);
    void sendWebResponse(answer(), response);
  });
}

/** A stream, and what happens to it. */
function eventStream() {
  let cancelled = false;
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      cancelled = true;
    },
  });
  return {
    answer: new Response(body, { headers: EVENTS }),
    write: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    fail: () => controller.error(new Error("broken")),
    isCancelled: () => cancelled,
  };
}

describe("sending a response", () => {
  it("sends what is complete with its length", async () => {
    const origin = await answering(() => Response.json({ temperature: "21 °C" }, { status: 201 }));
    const answer = await send(origin);
    expect([answer.status, answer.body]).toEqual([201, '{"temperature":"21 °C"}']);
    expect(answer.headers).toMatchObject({ "content-type": "application/json", "content-length": "24" });
  });

  it("sends no body where there is none", async () => {
    const answer = await send(await answering(() => new Response(null, { status: 202 })));
    expect([answer.status, answer.body]).toEqual([202, ""]);
  });

  it("lets no cache keep it, unless it says what caches may do", async () => {
    expect((await send(await answering(() => Response.json({})))).headers["cache-control"]).toBe("no-store");
    const { answer, end } = eventStream();
    end();
    expect((await send(await answering(() => answer))).headers["cache-control"]).toBe("no-cache");
  });

  it("leaves to the listener whether the connection stays open", async () => {
    const { answer, end } = eventStream();
    end();
    const origin = await answering(
      () => answer,
      (response) => response.setHeader("Connection", "close"),
    );
    expect((await send(origin)).headers.connection).toBe("close");
  });

  it("tells at once that a stream has begun, and sends each event as it comes", async () => {
    const { answer, write, end } = eventStream();
    const origin = await answering(() => answer);
    const response = await fetch(origin);
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      write(event);
      expect((await reader.read()).value).toBe(event);
    }
    end();
    expect((await reader.read()).done).toBe(true);
  });

  it("ends a stream whose client has gone", async () => {
    const { answer, isCancelled } = eventStream();
    const origin = await answering(() => answer);
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await once(socket, "data");
    socket.destroy();
    await expect.poll(isCancelled).toBe(true);
  });

  it("ends a stream whose client had gone before it began", async () => {
    const { answer, isCancelled } = eventStream();
    const origin = await serve(async (_request, response) => {
      await once(response, "close");
      await sendWebResponse(answer, response);
    });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.end("GET / HTTP/1.1\r\nHost: a\r\n\r\n", () => socket.destroy());
    await expect.poll(isCancelled).toBe(true);
  });

  it("sends a stream no faster than its client reads, and all of it", async () => {
    const chunk = new Uint8Array(64 * 1024).fill(97);
    let left = 400;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => (left-- > 0 ? controller.enqueue(chunk) : controller.close()),
    });
    const origin = await answering(() => new Response(body, { headers: EVENTS }));
    const response = await fetch(origin);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(left).toBeGreaterThan(0);
    expect((await response.arrayBuffer()).byteLength).toBe(400 * chunk.length);
  });

  it("rejects when the stream breaks", async () => {
    const { answer, fail } = eventStream();
    let rejected: unknown;
    const origin = await serve((_request, response) => {
      sendWebResponse(answer, response).catch((error: unknown) => {
        rejected = error;
        response.destroy();
      });
    });
    fail();
    await expect(send(origin)).rejects.toThrow();
    expect(rejected).toBeInstanceOf(Error);
  });
});
