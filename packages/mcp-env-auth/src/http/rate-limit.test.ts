import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import express, { type ErrorRequestHandler } from "express";
import { describe, expect, it } from "vitest";
import type { Endpoint, EndpointResponse } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import { silentLogger } from "../logger.ts";
import { createBoundedStore } from "./counts-per-minute.ts";
import { createEndpointRouter } from "./endpoint-router.ts";
import { sendOAuthError } from "./oauth-error-response.ts";
import { createRateLimits } from "./rate-limit.ts";
import { send, serve } from "./testing/serve.ts";

async function start(perMinute: number, kind: "requests" | "failures", trustProxy = 0) {
  // From the present on: express-rate-limit itself compares with the machine's clock.
  let now = Date.now() / 1000;
  const app = express().set("trust proxy", trustProxy);
  app.use(createRateLimits(perMinute, () => now)[kind]);
  app.get("/:status", (request, response) => void response.sendStatus(Number(request.params.status)));
  app.use(answerRefusal);
  const origin = await serve(app);
  const get = async (status: number, forwardedFor = "203.0.113.1") =>
    (await send(`${origin}/${status}`, { headers: { "X-Forwarded-For": forwardedFor } })).status;
  return { origin, get, advance: (seconds: number) => (now += seconds) };
}

const answerRefusal: ErrorRequestHandler = (error, _request, response, _next) => sendOAuthError(response, error);

/** Endpoints that answer when they are told to. */
async function startSlow(perMinute: number) {
  const app = express();
  const waiting: (() => void)[] = [];
  let begun = 0;
  const limits = createRateLimits(perMinute, () => Date.now() / 1000);
  const endpoint = (path: string, answer: () => EndpointResponse): Endpoint => ({
    path,
    methods: ["GET"],
    body: "none",
    crossOrigin: false,
    limit: "failures",
    async handle() {
      begun += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return answer();
    },
  });
  app.use(
    createEndpointRouter(
      [
        endpoint("/token", () => ({ status: 200, body: { json: {} } })),
        endpoint("/wrong", () => ({ status: 401 })),
        endpoint("/refused", () => {
          throw new OAuthError("invalid_grant", "Wrong.");
        }),
        endpoint("/broken", () => {
          throw new Error("broken");
        }),
      ],
      limits,
      silentLogger,
    ),
  );
  const origin = await serve(app);
  const answerAll = async (count: number) => {
    await expect.poll(() => waiting.length).toBe(count);
    for (const answer of waiting.splice(0)) {
      answer();
    }
  };
  /** Sends as many requests and hangs up as soon as `expected` of them have begun. */
  const sendAndHangUp = async (path: string, count: number, expected: number) => {
    const before = begun;
    const senders = Array.from({ length: count }, () => {
      const sender = connect(Number(new URL(origin).port), "127.0.0.1").on("error", () => {});
      sender.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      return sender;
    });
    await expect.poll(() => begun - before).toBe(expected);
    for (const sender of senders) {
      sender.destroy();
    }
    await sleep(50);
  };
  return { origin, waiting, answerAll, sendAndHangUp, begun: () => begun };
}

describe("Security rule 12: open endpoints are rate limited", () => {
  it("refuses the request after the limit with Retry-After, and takes it again in the next minute", async () => {
    const { origin, get, advance } = await start(2, "requests");
    expect([await get(200), await get(200)]).toEqual([200, 200]);
    const refused = await send(`${origin}/200`);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "60"]);
    advance(61);
    expect(await get(200)).toBe(200);
  });

  it("counts only refusals at the token endpoint, and not the server's own faults", async () => {
    const { get } = await start(2, "failures");
    for (const status of [200, 200, 200, 503, 502, 400]) {
      expect(await get(status)).toBe(status);
    }
    expect([await get(400), await get(200)]).toEqual([400, 429]);
  });

  it("counts no request at the token endpoint while it is under way: a provider may be slow for a whole company", async () => {
    const { origin, answerAll } = await startSlow(2);
    const answers = Array.from({ length: 5 }, () => send(`${origin}/token`));
    await answerAll(5);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(5).fill(200));
  });

  it("lets a burst of guesses that come together through no further than the first of them", async () => {
    const { origin, waiting, answerAll, begun } = await startSlow(2);
    const answers = Array.from({ length: 50 }, () => send(`${origin}/wrong`));
    await answerAll(8);
    // The first that is refused makes room for one more, and the second closes the door.
    await answerAll(1);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
    expect(statuses.filter((status) => status === 429)).toHaveLength(41);
    expect([begun(), waiting]).toEqual([9, []]);
  });

  it.each(["/wrong", "/refused"])("counts guesses whose sender has hung up: %s", async (path) => {
    const { origin, waiting, answerAll, sendAndHangUp } = await startSlow(2);
    await sendAndHangUp(path, 8, 8);
    await answerAll(8);
    await sleep(20);
    expect((await send(`${origin}${path}`)).status).toBe(429);
    expect(waiting).toEqual([]);
  });

  it("keeps the turns of those that have hung up until their work has ended", async () => {
    const { waiting, answerAll, sendAndHangUp, begun } = await startSlow(2);
    await sendAndHangUp("/wrong", 8, 8);
    await sendAndHangUp("/wrong", 100, 0);
    expect(begun()).toBe(8);
    await answerAll(8);
    await sleep(50);
    expect([begun(), waiting.length]).toEqual([8, 0]);
  });

  it("counts neither what succeeded nor the server's own faults, when their sender has hung up", async () => {
    const { origin, answerAll, sendAndHangUp } = await startSlow(2);
    for (const path of ["/token", "/broken"]) {
      await sendAndHangUp(path, 4, 4);
      await answerAll(4);
    }
    const answer = send(`${origin}/token`);
    await answerAll(1);
    expect((await answer).status).toBe(200);
  });

  it("lets what is no guess wait for its turn, and answers it", async () => {
    const { origin, answerAll } = await startSlow(2);
    const answers = Array.from({ length: 20 }, () => send(`${origin}/token`));
    for (const count of [8, 8, 4]) {
      await answerAll(count);
    }
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it("goes by the connection's address unless a number of proxies is trusted", async () => {
    const direct = await start(1, "requests");
    expect([await direct.get(200, "203.0.113.1"), await direct.get(200, "203.0.113.2")]).toEqual([200, 429]);
    const proxied = await start(1, "requests", 1);
    expect([await proxied.get(200, "203.0.113.1"), await proxied.get(200, "203.0.113.2")]).toEqual([200, 200]);
    expect(await proxied.get(200, "198.51.100.9, 203.0.113.1")).toBe(429);
  });

  it("goes by the address in what a load balancer writes, whatever port or brackets are around it", async () => {
    const { get } = await start(1, "requests", 1);
    expect(await get(200, "203.0.113.1:50001")).toBe(200);
    for (const again of ["203.0.113.1:50002", "203.0.113.1", "[::ffff:203.0.113.1]:7", "evil, 203.0.113.1:9"]) {
      expect(await get(200, again)).toBe(429);
    }
    expect(await get(200, "[2001:db8::1]:50001")).toBe(200);
    expect(await get(200, "[2001:db8::2]:50002")).toBe(429);
  });

  it("goes by the connection's address where a proxy reports none", async () => {
    const { get } = await start(1, "requests", 1);
    expect(await get(200, "unknown")).toBe(200);
    for (const none of ["unknown", "_hidden", "203.0.113.1, unknown", "not an address"]) {
      expect(await get(200, none)).toBe(429);
    }
    const failures = await start(1, "failures", 1);
    expect(await failures.get(400, "203.0.113.1:1")).toBe(400);
    expect(await failures.get(400, "203.0.113.1:2")).toBe(429);
  });

  it("is off at 0", async () => {
    const { get } = await start(0, "requests");
    for (let i = 0; i < 5; i += 1) {
      expect(await get(200)).toBe(200);
    }
  });

  it("keeps a bounded number of addresses", async () => {
    const store = createBoundedStore(() => 0, 3);
    for (const address of ["a", "b", "c", "d"]) {
      await store.increment(address);
    }
    expect((await store.increment("d")).totalHits).toBe(2);
    expect((await store.increment("a")).totalHits).toBe(1);
  });
});
