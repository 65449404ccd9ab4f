import { once } from "node:events";
import { connect, type Socket } from "node:net";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Endpoint } from "../endpoint.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../logger.ts";
import { createEndpointRouter } from "./endpoint-router.ts";
import { createOpenBodyRoom } from "./open-body-room.ts";
import { createRateLimits } from "./rate-limit.ts";
import { serve } from "./testing/serve.ts";

const BODY = 10_000;
const FORM = "application/x-www-form-urlencoded";

/** Open endpoints with room for four bodies of {@link BODY}, two of them of one address. */
async function start(patience = 60_000) {
  const held: (() => void)[] = [];
  const log: string[] = [];
  const endpoint = (path: string, handle: Endpoint["handle"]): Endpoint => ({
    path,
    methods: ["POST"],
    body: "form",
    crossOrigin: false,
    limit: "failures",
    handle,
  });
  const endpoints = [
    endpoint("/token", async () => ({ status: 200 })),
    endpoint("/held", async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return { status: 200 };
    }),
  ];
  const logger = { ...silentLogger, warn: (_fields: object, message: string) => void log.push(message) };
  const room = createOpenBodyRoom(4 * (BODY + 4096), patience);
  let arrived = 0;
  const app = express().use((_request, _response, next) => {
    arrived += 1;
    next();
  });
  const origin = await serve(
    app.use(createEndpointRouter(endpoints, createRateLimits(100, systemClock), logger, room)),
  );

  /** A request from `localAddress`, once its headers have arrived. */
  async function open(
    localAddress: string,
    sent: number,
    { path = "/token", length = `Content-Length: ${BODY}` } = {},
  ) {
    const socket = connect({ port: Number(new URL(origin).port), host: "127.0.0.1", localAddress });
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    const before = arrived;
    const head = [`POST ${path} HTTP/1.1`, "Host: a", `Content-Type: ${FORM}`, length];
    socket.write(`${head.join("\r\n")}\r\n\r\n${"a".repeat(sent)}`);
    const answer = Promise.race([once(socket, "data"), once(socket, "close").then(() => ["HTTP/1.1 0"])]);
    await expect.poll(() => arrived).toBeGreaterThan(before);
    return { socket, answer: answer.then(([data]) => Number(String(data).split(" ")[1])) };
  }

  return { open, held, log };
}

const ALICE = "127.0.1.1";
const BOB = "127.0.1.2";
const closed = (requests: readonly { readonly socket: Socket }[]) => requests.map(({ socket }) => socket.closed);

describe("Security rule 22: bodies that anybody can send", () => {
  it("have a share for each address", async () => {
    const { open, log } = await start();
    const stalled = [await open(ALICE, 10), await open(ALICE, 10)];
    expect(await (await open(ALICE, BODY)).answer).toBe(503);
    expect(await (await open(ALICE, BODY)).answer).toBe(503);
    expect(await (await open(BOB, BODY)).answer).toBe(200);
    expect(closed(stalled)).toEqual([false, false]);
    expect(log).toEqual(["Requests are refused: too many bodies are being read, or answered"]);
  });

  it("give way to others of their address when they don't come, the oldest first", async () => {
    const { open } = await start(0);
    const stalled = [await open(ALICE, 10), await open(ALICE, 10)];
    expect(await (await open(ALICE, BODY)).answer).toBe(200);
    await expect.poll(() => closed(stalled)).toEqual([true, false]);
  });

  it("give way to another address that waits for less", async () => {
    const { open } = await start();
    const stalled = [await open(ALICE, 10), await open(ALICE, 10), await open("127.0.1.3", 10)];
    await open("127.0.1.4", 10);
    expect(await (await open(BOB, BODY)).answer).toBe(200);
    await expect.poll(() => closed(stalled)).toEqual([true, false, false]);
  });

  it("give way to any address when many addresses have one each, once they had their time", async () => {
    const patient = await start();
    const impatient = await start(0);
    const addresses = [5, 6, 7, 8].map((last) => `127.0.1.${last}`);
    for (const address of addresses) {
      await patient.open(address, 10);
      await impatient.open(address, 10);
    }
    expect(await (await patient.open(BOB, BODY)).answer).toBe(503);
    expect(await (await impatient.open(BOB, BODY)).answer).toBe(200);
  });

  it("count until they are answered, and give no way once they have come", async () => {
    const { open, held } = await start(0);
    const served = [await open(ALICE, BODY, { path: "/held" }), await open(ALICE, BODY, { path: "/held" })];
    await expect.poll(() => held.length).toBe(2);
    expect(await (await open(ALICE, BODY)).answer).toBe(503);
    held[0]?.();
    expect(await served[0]?.answer).toBe(200);
    await expect.poll(async () => (await open(ALICE, BODY)).answer).toBe(200);
    expect(closed(served)).toEqual([false, false]);
  });

  it("count as what they are, once they have come in chunks", async () => {
    const room = createOpenBodyRoom(2 * (64 * 1024 + 4096), 60_000);
    const first = room(ALICE, 64 * 1024, () => {});
    expect(room(ALICE, 100, () => {})).toBeUndefined();
    first?.arrived(100);
    expect(room(ALICE, 100, () => {})).toBeDefined();
  });

  it("give their room back when their client leaves, and only once", async () => {
    const { open } = await start();
    const stalled = [await open(ALICE, 10), await open(ALICE, 10)];
    stalled[0]?.socket.destroy();
    await expect.poll(async () => (await open(ALICE, BODY)).answer).toBe(200);
    const room = createOpenBodyRoom(2 * (BODY + 4096));
    const one = room(ALICE, BODY, () => {});
    one?.leave();
    one?.leave();
    one?.arrived(BODY);
    expect(room(ALICE, BODY, () => {})).toBeDefined();
    expect(room(ALICE, BODY, () => {})).toBeUndefined();
  });
});
