import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { createAccessPolicy } from "../authorization/access-policy.ts";
import { silentLogger } from "../logger.ts";
import { type BodyRoom, createBodyRoom } from "./body-room.ts";
import { createMcpEndpoint, type McpExchange } from "./mcp-endpoint.ts";
import { createOriginPolicy } from "./origin-policy.ts";
import { serve } from "./testing/serve.ts";

/** Characters of a body that needs room, and a share of the room below. */
const LARGE = 100_000;

const bodyOf = (name: string, length = LARGE) => {
  const text = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: {} } });
  return text.padEnd(length);
};

const declared = (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`;
const chunked = (body: string) =>
  `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** An endpoint with room for one large body of each of three users. Calls of `held` are answered when told so. */
async function start(
  options: { readonly room?: BodyRoom; readonly isParsed?: boolean; readonly exchange?: McpExchange } = {},
) {
  const room = options.room ?? createBodyRoom(3 * LARGE);
  let asked = 0;
  let left = 0;
  const bodyRoom: BodyRoom = {
    take(...request) {
      asked += 1;
      return room.take(...request);
    },
    close: room.close,
  };
  const begun: string[] = [];
  const held: (() => void)[] = [];
  const serveCall: McpExchange = async ({ body, caller, response }) => {
    const { name } = (body as { params: { name: string } }).params;
    begun.push(`${caller?.token.subject} ${name}`);
    if (name === "held") {
      await new Promise<void>((resolve) => held.push(resolve));
    }
    response.end("served");
  };
  const { exchange = serveCall } = options;
  const verifier = {
    verify: async (token: string) => {
      const expiresAt = 2_000_000_000;
      return { token, clientId: "client", scopes: [], expiresAt, claims: { sub: token }, subject: token };
    },
  };
  const endpoint = createMcpEndpoint({
    service: () => ({ exchange, checks: { verifier } }),
    protection: { requiredScopes: [], loginScopes: [], resourceMetadata: "https://mcp.example.com/metadata" },
    policy: createAccessPolicy(() => undefined),
    originPolicy: createOriginPolicy({
      baseUrl: new URL("https://mcp.example.com"),
      allowedHosts: [],
      allowedOrigins: [],
    }),
    logger: silentLogger,
    bodyLimit: LARGE,
    maxBodyValues: 100,
    bodyRoom,
  });
  const app = express();
  if (options.isParsed) {
    app.use(express.json({ limit: LARGE }));
  }
  app.use((request, response) => {
    request.once("close", () => {
      left += request.complete ? 0 : 1;
    });
    void endpoint(request, response, request.body);
  });
  const origin = await serve(app);

  /** Sends a request of `user` without waiting for its answer. */
  function post(user: string, rest: string) {
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const head = ["POST /mcp HTTP/1.1", "Host: a", `Authorization: Bearer ${user}`, "Content-Type: application/json"];
    socket.on("error", () => {}).write([...head, rest].join("\r\n"));
    return { socket, answer: statusOf(socket) };
  }

  return { post, begun, held, asked: () => asked, left: () => left };
}

async function statusOf(socket: Socket): Promise<number> {
  const [data] = await once(socket, "data");
  return Number(String(data).split(" ")[1]);
}

describe.each([
  ["of a declared length", declared],
  ["in chunks", chunked],
])("a large body %s", (_kind, send) => {
  it("of a user who has a share of the room waits, while others are served", async () => {
    const { post, begun, held, asked } = await start();
    const first = post("alice", send(bodyOf("held")));
    await expect.poll(() => held.length).toBe(1);
    const second = post("alice", send(bodyOf("waits")));
    await expect.poll(asked).toBe(2);

    expect(await post("bob", send(bodyOf("served"))).answer).toBe(200);
    expect(await post("alice", send(bodyOf("small", 1000))).answer).toBe(200);
    expect(begun).toEqual(["alice held", "bob served", "alice small"]);

    held[0]?.();
    expect(await first.answer).toBe(200);
    expect(await second.answer).toBe(200);
    expect(begun).toEqual(["alice held", "bob served", "alice small", "alice waits"]);
  });

  it("that gets no room is answered 503, and is not served later", async () => {
    const { post, begun, held } = await start({ room: createBodyRoom(3 * LARGE, 0) });
    const first = post("alice", send(bodyOf("held")));
    await expect.poll(() => held.length).toBe(1);
    expect(await post("alice", send(bodyOf("late"))).answer).toBe(503);
    held[0]?.();
    expect(await first.answer).toBe(200);
    expect(begun).toEqual(["alice held"]);
  });

  it.each([
    ["it is answered", send(bodyOf("served")), 200],
    ["it is found to be no JSON", send("x".repeat(LARGE)), 400],
    ["it is found to have too many values", send(JSON.stringify(Array(500).fill(1)).padEnd(LARGE)), 413],
  ])("gives its room back when %s", async (_when, rest, status) => {
    const { post } = await start({ room: createBodyRoom(3 * LARGE, 0) });
    expect(await post("alice", rest).answer).toBe(status);
    await expect.poll(() => post("alice", send(bodyOf("served"))).answer).toBe(200);
  });

  it("gives its room back when its client leaves before it is complete, or before it is answered", async () => {
    const { post, held, asked } = await start({ room: createBodyRoom(3 * LARGE, 0) });
    const incomplete = post("alice", send(bodyOf("served")).slice(0, LARGE));
    await expect.poll(asked).toBe(1);
    incomplete.socket.destroy();
    await expect.poll(() => post("alice", send(bodyOf("served"))).answer).toBe(200);

    const unanswered = post("alice", send(bodyOf("held")));
    await expect.poll(() => held.length).toBe(1);
    unanswered.socket.destroy();
    await expect.poll(() => post("alice", send(bodyOf("served"))).answer).toBe(200);
  });
});

it("a body in chunks takes the room of the largest, and keeps what it needed", async () => {
  const { post, held } = await start({ room: createBodyRoom(5.1 * LARGE, 0) });
  const first = post("alice", chunked(bodyOf("held", 66_000)));
  await expect.poll(() => held.length).toBe(1);
  expect(await post("alice", chunked(bodyOf("served"))).answer).toBe(200);
  held[0]?.();
  expect(await first.answer).toBe(200);
});

it("a large body that waits for room is answered 503 when the server stops, and what is under way goes on", async () => {
  const room = createBodyRoom(3 * LARGE);
  const { post, held, asked, begun } = await start({ room });
  const first = post("alice", declared(bodyOf("held")));
  await expect.poll(() => held.length).toBe(1);
  const second = post("alice", declared(bodyOf("waits")));
  await expect.poll(asked).toBe(2);
  room.close();
  expect(await second.answer).toBe(503);
  expect(await post("bob", declared(bodyOf("served"))).answer).toBe(200);
  held[0]?.();
  expect(await first.answer).toBe(200);
  expect(begun).toEqual(["alice held", "bob served"]);
});

it("a large body whose client has left no longer waits for room", async () => {
  const { post, held, asked, left } = await start();
  post("alice", declared(bodyOf("held")));
  await expect.poll(() => held.length).toBe(1);
  // As many as may wait. Node.js notices that a client has left as long as it reads what that sends.
  const waiting = Array.from({ length: 32 }, () => post("alice", `Content-Length: ${LARGE}\r\n\r\n`));
  await expect.poll(asked).toBe(33);
  expect(await post("alice", declared(bodyOf("one too many"))).answer).toBe(503);
  for (const { socket } of waiting) {
    socket.destroy();
  }
  await expect.poll(left).toBe(32);
  const next = post("alice", declared(bodyOf("served")));
  await expect.poll(asked).toBe(35);
  held[0]?.();
  expect(await next.answer).toBe(200);
});

it("a body that a framework has read takes no room", async () => {
  const { post, held, asked } = await start({ isParsed: true });
  const first = post("alice", declared(bodyOf("held")));
  await expect.poll(() => held.length).toBe(1);
  expect(await post("alice", declared(bodyOf("served"))).answer).toBe(200);
  expect(await post("alice", chunked(bodyOf("served"))).answer).toBe(200);
  held[0]?.();
  expect(await first.answer).toBe(200);
  expect(asked()).toBe(0);
});

it("bodies that are complete at the same moment are served in several turns of the event loop", async () => {
  const turnOfEach: number[] = [];
  let turn = 0;
  const exchange: McpExchange = async ({ response }) => {
    turnOfEach.push(turn);
    // Longer than what is served in one turn.
    for (const end = performance.now() + 15; performance.now() < end; ) {}
    response.end("served");
  };
  const { post } = await start({ exchange });
  const body = bodyOf("served", 1000);
  const requests = Array.from({ length: 10 }, () => post("alice", declared(body).slice(0, -1)));
  await Promise.all(requests.map(({ socket }) => once(socket, "connect")));
  await sleep(50);
  const count = () => {
    turn += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  onTestFinished(() => clearImmediate(timer));
  for (const { socket } of requests) {
    socket.write(" ");
  }
  await Promise.all(requests.map(({ answer }) => answer));
  expect(turnOfEach).toHaveLength(10);
  const most = Math.max(...turnOfEach.map((one) => turnOfEach.filter((other) => other === one).length));
  expect(most, "bodies in one turn").toBeLessThanOrEqual(3);
});
