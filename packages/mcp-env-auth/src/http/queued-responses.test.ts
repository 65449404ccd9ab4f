import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { createGate } from "./gate.ts";
import { createOriginPolicy } from "./origin-policy.ts";
import { serve } from "./testing/serve.ts";

const gate = createGate(createOriginPolicy({ baseUrl: undefined, allowedHosts: [], allowedOrigins: [] }));
const ASKED = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/** Sends as many requests at once on one connection. */
async function pipelined(count: number) {
  const responses: ServerResponse[] = [];
  const closed: number[] = [];
  const origin = await serve((request, response) =>
    gate(request, response, "/", () => {
      const index = responses.push(response) - 1;
      response.on("close", () => closed.push(index));
    }),
  );
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.write(ASKED.repeat(count));
  await expect.poll(() => responses.length).toBe(count);
  return { socket, responses, closed };
}

describe("requests that wait for their turn on one connection", () => {
  it("are closed with it, all of them, answered or not", async () => {
    const { socket, responses, closed } = await pipelined(30);
    responses[0]?.end("in its turn");
    responses[2]?.end("early");
    await expect.poll(() => closed).toEqual([0]);
    socket.destroy();
    await expect.poll(() => closed.length).toBe(30);
    expect(new Set(closed).size).toBe(30);
    const rest = responses.slice(1);
    expect(rest.every(({ destroyed, writableFinished }) => destroyed && !writableFinished)).toBe(true);
    expect(() => responses[3]?.end("late")).not.toThrow();
  });

  it("are closed once each when they are answered", async () => {
    const { socket, responses, closed } = await pipelined(3);
    socket.resume();
    for (const response of [...responses].reverse()) response.end("answer");
    await expect.poll(() => closed.length).toBe(3);
    socket.destroy();
    await once(socket, "close");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(closed).toEqual([0, 1, 2]);
  });
});
