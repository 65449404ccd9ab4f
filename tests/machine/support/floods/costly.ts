import { setTimeout as sleep } from "node:timers/promises";
import type { Flood } from "./anonymous.ts";
import { hangUp, openAll } from "./connections.ts";
import { FORM, requestText } from "./requests.ts";

/** The longest that a flood takes to be sent. */
const PATIENCE_MS = 3000;

/** For calls to have begun when their sender hangs up. */
const HANG_UP_MS = 100;

/** For the server to have read what the system keeps for it. */
const AFTERWARDS_MS = 2000;

/** So many connections that each send `text`, or what it makes, then all at once `last`, and read what comes. */
const sendAll =
  (connections: number, text: string | Buffer | (() => string), last = ""): Flood =>
  async (target) => {
    const sockets = await openAll(target, connections);
    for (const socket of sockets) {
      socket.resume().write(typeof text === "function" ? text() : text, "latin1");
    }
    const isSent = () => sockets.every(({ destroyed, writableLength }) => destroyed || writableLength === 0);
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end && !isSent(); ) {
      await sleep(20);
    }
    for (const socket of sockets) {
      socket.write(last);
    }
    await sleep(AFTERWARDS_MS);
    hangUp(sockets);
  };

const toToken = (headers: readonly string[]) =>
  requestText({ method: "POST", path: "/token", headers: [`Content-Type: ${FORM}`, ...headers] });

const EMPTY_BLOCK = [..."\x00\x00\x00\xff\xff"].map((byte) => `1\r\n${byte}\r\n`).join("");

/** Nearly 2,000 lines in 16 KB. */
const TINY_HEADERS = Array.from(
  { length: 1950 },
  (_, index) => `${(index + 1296).toString(36)}:${((index % 1296) + 36).toString(36)}`,
);

/** What costs far more than its bytes, so that megabytes of it end a process with a small heap. */
export const COSTLY: Readonly<Record<string, Flood>> = {
  "bodies that inflate to nothing, in chunks of one byte": sendAll(
    80,
    `${toToken(["Content-Encoding: deflate", "Transfer-Encoding: chunked"])}2\r\n\x78\x9c\r\n${EMPTY_BLOCK.repeat(8000)}`,
  ),
  "tiny headers of requests that owe their bodies": sendAll(2500, toToken(["Content-Length: 60000", ...TINY_HEADERS])),
};

const LARGE_CALL = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "current_weather", arguments: { city: "Oslo", more: "x".repeat(4_190_000) } },
});

const toMcp = (token: string, body: string, more: readonly string[] = []) =>
  requestText({
    method: "POST",
    path: "/mcp",
    headers: [
      `Authorization: Bearer ${token}`,
      "Content-Type: application/json",
      "Accept: application/json, text/event-stream",
      ...more,
    ],
    body,
  });

/** 60 calls of 4 MB with one user's token, complete at the same moment. */
export function largeCalls(token: string): Flood {
  return sendAll(60, Buffer.from(toMcp(token, LARGE_CALL)).subarray(0, -1), "}");
}

/** 100 batches of small messages with one user's token, complete at the same moment. */
export function batches(token: string): Flood {
  const batch = JSON.stringify(Array.from({ length: 40 }, (_, id) => ({ jsonrpc: "2.0", id, method: "ping" })));
  const text = toMcp(token, batch, ["MCP-Protocol-Version: 2025-03-26"]);
  return sendAll(100, text.slice(0, -1), "]");
}

let cities = 0;

/** Each asks for another city, which nobody has asked for before. */
const slowCall = (id = 1) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "current_weather", arguments: { city: `City ${cities++}` } },
});

const slowBatch = () => Array.from({ length: 100 }, (_, id) => slowCall(id));

/** What one user may send of a tool that waits for something slow. */
export const SLOW_CALLS: Readonly<Record<string, (token: string) => Flood>> = {
  "600 calls": (token) => sendAll(600, () => toMcp(token, JSON.stringify(slowCall()))),
  "2,000 calls in batches": (token) =>
    sendAll(20, () => toMcp(token, JSON.stringify(slowBatch()), ["MCP-Protocol-Version: 2025-03-26"])),
  "calls whose sender hangs up": (token) => async (target) => {
    for (let turn = 0; turn < 10; turn++) {
      const sockets = await openAll(target, 60);
      for (const socket of sockets) {
        socket.write(toMcp(token, JSON.stringify(slowCall())), "latin1");
      }
      await sleep(HANG_UP_MS);
      hangUp(sockets);
    }
    await sleep(AFTERWARDS_MS);
  },
};
