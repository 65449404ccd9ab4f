import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { readBody } from "./request-body.ts";
import { serve } from "./testing/serve.ts";
import { MANY_PIECES } from "./unread-bodies.ts";

const HEAD = "POST / HTTP/1.1\r\nHost: localhost\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

/** What the server answers until the connection ends, or until it has answered `until`. */
async function answerTo(socket: Socket, until?: string): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("error", () => {});
  return new Promise((resolve) => {
    socket.on("data", (piece: string) => {
      text += piece;
      if (until !== undefined && text.includes(until)) {
        socket.destroy();
      }
    });
    socket.on("close", () => resolve(text));
  });
}

async function open(handler: RequestListener): Promise<Socket> {
  const socket = connect(Number(new URL(await serve(handler)).port), "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

const echoLength: RequestListener = (request, response) => {
  readBody(request, 100_000).then(
    (body) => response.end(`length ${body.length}`),
    () => response.destroy(),
  );
};

const onePiece = (size: number) => `${size.toString(16)}\r\n${"x".repeat(size)}\r\n`;

describe("a body in pieces", () => {
  it.each([
    ["as many as there may be, of a byte", onePiece(1).repeat(MANY_PIECES), MANY_PIECES],
    ["more, of 64 bytes", onePiece(64).repeat(MANY_PIECES - 500), 64 * (MANY_PIECES - 500)],
    ["of all sizes", [1, 10, 5000, 1, 70_000, 3].map(onePiece).join(""), 75_015],
    ["none", "", 0],
  ])("is read: %s", async (_what, pieces, length) => {
    const socket = await open(echoLength);
    socket.write(`${CHUNKED}${pieces}0\r\n\r\n`);
    expect(await answerTo(socket, `length ${length}`)).toContain(`length ${length}`);
  });

  it.each([
    ["that is read", echoLength],
    ["that nobody reads yet", () => {}],
  ])("of a byte each is cut off where there are thousands: %s", async (_what, handler) => {
    const socket = await open(handler);
    socket.write(`${CHUNKED}${onePiece(1).repeat(MANY_PIECES + 1)}`);
    expect(await answerTo(socket)).toBe("");
  });
});

describe("a chunked body that nobody read", () => {
  it("is not received any further, and the client reads its answer", async () => {
    const socket = await open((_request, response) => response.writeHead(401).end("refused"));
    socket.write(`${CHUNKED}${onePiece(50_000).repeat(2)}`);
    expect(await answerTo(socket)).toContain("401 Unauthorized");
  });

  it("leaves the connection open if it was complete", async () => {
    const socket = await open((request, response) => {
      request.on("end", () => response.end("done")).resume();
    });
    socket.end(`${CHUNKED}0\r\n\r\n${CHUNKED}0\r\n\r\n`);
    expect((await answerTo(socket)).match(/done/g)).toHaveLength(2);
  });
});

describe("a body of a known length that nobody read", () => {
  it("leaves the connection open", async () => {
    const socket = await open((_request, response) => response.writeHead(401).end("refused"));
    socket.write(`${HEAD}Content-Length: 100000\r\n\r\n${"x".repeat(100_000)}${HEAD}Content-Length: 0\r\n\r\n`);
    const answer = answerTo(socket);
    await expect.poll(() => socket.bytesRead).toBeGreaterThan(0);
    socket.end();
    expect((await answer).match(/401 Unauthorized/g)).toHaveLength(2);
  });
});
