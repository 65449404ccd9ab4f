import { once } from "node:events";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createConnections, MAX_PIPELINED } from "./connections.ts";
import { serve } from "./testing/serve.ts";

const ASKED = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/** A server that is not ours, whose requests come to us by way of somebody else's app. */
async function serveEmbedded(handler: RequestListener): Promise<string> {
  const { join } = createConnections();
  const server = createServer((request, response) => {
    if (join(request, response)) {
      handler(request, response);
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each([
  ["our own server", (handler: RequestListener) => serve(handler, { drain: 0 })],
  ["a server that is not ours", serveEmbedded],
])("requests on one connection of %s", (_name, listenWith) => {
  /** Sends as many requests at once. */
  async function send(count: number) {
    const responses: ServerResponse[] = [];
    const closed: number[] = [];
    const origin = await listenWith((_request, response) => {
      const index = responses.push(response) - 1;
      response.on("close", () => closed.push(index));
    });
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const ended = new Promise<void>((resolve) => void socket.on("close", () => resolve()));
    socket.on("error", () => {}).write(ASKED.repeat(count));
    return { socket, ended, responses, closed };
  }

  /** The same, once all are begun. */
  async function pipelined(count: number) {
    const sent = await send(count);
    await expect.poll(() => sent.responses.length).toBe(count);
    return sent;
  }

  it("are closed with it, all of them, answered or not", async () => {
    const { socket, responses, closed } = await pipelined(MAX_PIPELINED);
    responses[0]?.end("in its turn");
    responses[2]?.end("early");
    await expect.poll(() => closed).toEqual([0]);
    socket.destroy();
    await expect.poll(() => closed.length).toBe(MAX_PIPELINED);
    expect(new Set(closed).size).toBe(MAX_PIPELINED);
    const rest = responses.slice(1);
    expect(rest.every(({ destroyed, writableFinished }) => destroyed && !writableFinished)).toBe(true);
    expect(() => responses[3]?.end("late")).not.toThrow();
  });

  it("are closed once each when they are answered", async () => {
    const { socket, responses, closed } = await pipelined(3);
    socket.resume();
    for (const response of [...responses].reverse()) {
      response.end("answer");
    }
    await expect.poll(() => closed.length).toBe(3);
    socket.destroy();
    await once(socket, "close");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toEqual([0, 1, 2]);
  });

  it.each([1, 4000])("close it when more than 16 run or wait, and none beyond is begun: %i more", async (more) => {
    const { socket, ended, responses, closed } = await pipelined(MAX_PIPELINED);
    socket.resume().write(ASKED.repeat(more));
    await ended;
    await expect.poll(() => closed.length).toBe(MAX_PIPELINED);
    expect(responses).toHaveLength(MAX_PIPELINED);
  });

  // Requests begin one after the other, a slice at a time: the connection may be closed before all of the 16 have.
  it.each([MAX_PIPELINED + 1, 4000])("close it when as many come at once, with what was begun: %i", async (count) => {
    const { socket, ended, responses, closed } = await send(count);
    socket.resume();
    await ended;
    await expect.poll(() => closed.length).toBe(responses.length);
    expect(responses.length).toBeGreaterThanOrEqual(1);
    expect(responses.length).toBeLessThanOrEqual(MAX_PIPELINED);
  });

  it("may be as many as somebody likes, one batch after the other", async () => {
    const { socket, responses, closed } = await pipelined(MAX_PIPELINED);
    socket.resume();
    for (let batch = 1; batch <= 3; batch++) {
      for (const response of responses) {
        response.end("answer");
      }
      await expect.poll(() => closed.length).toBe(batch * MAX_PIPELINED);
      socket.write(ASKED.repeat(MAX_PIPELINED));
      await expect.poll(() => responses.length).toBe((batch + 1) * MAX_PIPELINED);
    }
  });
});
