import { once } from "node:events";
import type { RequestListener } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLogger } from "../logger.ts";
import { findConnectionLimit } from "./connection-limit.ts";
import type { ConnectionPlacesOptions } from "./connection-places.ts";
import { serve } from "./testing/serve.ts";

const MANY = "127.0.1.1";
const ANOTHER = "127.0.1.2";

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HELD = "GET /held HTTP/1.1\r\nHost: a\r\n\r\n";
const HALF_A_BODY = "POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf";

/** A server with four places for connections. Requests for /held are not answered. */
async function start(options: Omit<ConnectionPlacesOptions, "logger" | "limit"> = {}) {
  const log: string[] = [];
  let arrived = 0;
  const handler: RequestListener = (request, response) => {
    arrived += 1;
    if (request.url !== "/held") {
      response.end("served");
    }
  };
  const origin = await serve(handler, {
    places: { limit: { limit: 4, advice: "Raise it." }, patience: 0, ...options },
    logger: { ...silentLogger, warn: (_fields: object, message: string) => void log.push(message) },
    drain: 0,
  });

  /** A connection from `localAddress` that has sent `text`, once a whole request has arrived. */
  async function open(localAddress: string, text: string): Promise<Socket> {
    const socket = connect({ port: Number(new URL(origin).port), host: "127.0.0.1", localAddress });
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {}).resume();
    await once(socket, "connect");
    await send(socket, text);
    return socket;
  }

  async function send(socket: Socket, text: string): Promise<void> {
    const before = arrived;
    const answer = text === REQUEST ? Promise.race([once(socket, "data"), once(socket, "close")]) : undefined;
    socket.write(text);
    if (text.includes("\r\n\r\n") && answer === undefined) {
      await expect.poll(() => arrived > before || socket.closed).toBe(true);
    }
    await answer;
  }

  async function isServed(localAddress: string): Promise<boolean> {
    const before = arrived;
    await open(localAddress, REQUEST);
    return arrived > before;
  }

  /** As many as there are places for, one after the other. */
  async function fill(address: (index: number) => string, text: string): Promise<Socket[]> {
    const sockets: Socket[] = [];
    for (let index = 0; index < 4; index++) {
      sockets.push(await open(address(index), text));
    }
    return sockets;
  }

  return { open, send, isServed, fill, log };
}

const closed = (sockets: readonly Socket[]) => sockets.map(({ closed: isClosed }) => isClosed);

describe("Security rule 22: when all places for connections are taken", () => {
  it.each([
    ["wait for another request", REQUEST],
    ["have sent nothing", ""],
    ["have sent half of their headers", "GET / HTTP/1.1\r\nHost: a\r\nX-Half: "],
    ["have sent half of a body", HALF_A_BODY],
    ["wait for their answers", HELD],
  ])("an address gets one from the address with the most, whose connections %s", async (_what, text) => {
    const { isServed, fill } = await start();
    const sockets = await fill(() => MANY, text);
    for (let count = 0; count < 5; count++) {
      expect(await isServed(ANOTHER)).toBe(true);
    }
    await expect.poll(() => closed(sockets)).toContain(true);
    // What it keeps is its share.
    expect(closed(sockets).filter((isClosed) => !isClosed).length).toBeGreaterThanOrEqual(2);
  });

  it("an address loses first what waits for a request, then what is incomplete, then what is answered", async () => {
    const { open, fill, send } = await start();
    const sockets = await fill(() => MANY, "");
    const texts = [HELD, HALF_A_BODY, HELD, ""];
    for (const [index, text] of texts.entries()) {
      await send(sockets[index] as Socket, text);
    }
    await open(ANOTHER, HELD);
    await expect.poll(() => closed(sockets)).toEqual([false, false, false, true]);
    await open(ANOTHER, HELD);
    await expect.poll(() => closed(sockets)).toEqual([false, true, false, true]);
    await open("127.0.1.3", HELD);
    await expect.poll(() => closed(sockets)).toEqual([true, true, false, true]);
  });

  it("one of many addresses gets that of a connection that waits for a request", async () => {
    const { isServed, fill } = await start();
    const sockets = await fill((index) => `127.0.2.${index + 1}`, REQUEST);
    expect(await isServed(ANOTHER)).toBe(true);
    await expect.poll(() => closed(sockets)).toEqual([true, false, false, false]);
  });

  it("the address with the most gets only what it has, and only what waits for a request", async () => {
    const { isServed, open } = await start();
    const other = await open(ANOTHER, REQUEST);
    const sockets = [await open(MANY, HELD), await open(MANY, HELD), await open(MANY, HELD)];
    expect(await isServed(MANY)).toBe(false);
    expect(closed([other, ...sockets])).toEqual([false, false, false, false]);
  });

  it("a connection has a moment for its first request before its own address needs the place", async () => {
    const { isServed, fill } = await start({ patience: 60_000 });
    const sockets = await fill(() => MANY, "");
    expect(await isServed(MANY)).toBe(false);
    expect(closed(sockets)).toEqual([false, false, false, false]);
  });

  it("proxies keep the connections on which they wait for an answer, and give up others", async () => {
    const { isServed, open, fill } = await start({ isBehindProxies: true });
    const sockets = await fill(() => MANY, HELD);
    expect(await isServed(ANOTHER)).toBe(false);
    expect(closed(sockets)).toEqual([false, false, false, false]);
    sockets[0]?.destroy();
    await once(sockets[0] as Socket, "close");
    await expect.poll(() => isServed(MANY)).toBe(true);
    await open(MANY, "");
    expect(await isServed(ANOTHER)).toBe(true);
  });

  it("the log says so once, and what to do", async () => {
    const { isServed, fill, log } = await start();
    await fill(() => MANY, REQUEST);
    await isServed(ANOTHER);
    await isServed(ANOTHER);
    expect(log).toEqual([
      expect.stringMatching(/^All 4 connections that this process may have are open\..* Raise it\.$/),
    ]);
  });
});

it("a place is free again when its connection closes", async () => {
  const { isServed, fill, log } = await start();
  for (let round = 0; round < 3; round++) {
    const sockets = await fill(() => MANY, REQUEST);
    await Promise.all(sockets.map((socket) => once(socket.end(), "close")));
  }
  expect(await isServed(ANOTHER)).toBe(true);
  expect(log).toEqual([]);
});

describe("how many connections a process may have", () => {
  const GIBIBYTE = 1024 ** 3;

  it.each([
    [1024, GIBIBYTE, 896, "ulimit -n"],
    [256, GIBIBYTE, 192, "ulimit -n"],
    [20, GIBIBYTE, 16, "ulimit -n"],
    [1_048_576, GIBIBYTE / 4, 4096, "--max-old-space-size"],
    [1_048_576, 4 * GIBIBYTE, 10_000, "several replicas"],
    [undefined, GIBIBYTE / 4, 4096, "--max-old-space-size"],
  ])("with %s open files and a heap of %i bytes: %i", (files, heap, limit, advice) => {
    const found = findConnectionLimit(files, heap);
    expect(found.limit).toBe(limit);
    expect(found.advice).toContain(advice);
  });

  it("follows from the limits of this process", () => {
    expect(findConnectionLimit().limit).toBeGreaterThanOrEqual(16);
  });
});
