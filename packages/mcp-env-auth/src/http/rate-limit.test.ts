import express, { type ErrorRequestHandler } from "express";
import { describe, expect, it, vi } from "vitest";
import { sendOAuthError } from "./oauth-error-response.ts";
import { createBoundedStore, createRateLimits } from "./rate-limit.ts";
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

/** An endpoint that answers when it has been asked often enough. */
async function startSlow(perMinute: number) {
  const app = express();
  const waiting: (() => void)[] = [];
  const { failures, turns } = createRateLimits(perMinute, () => Date.now() / 1000);
  app.use(failures, turns);
  app.get("/token", (_request, response) => void waiting.push(() => response.json({})));
  app.get("/wrong", (_request, response) => void waiting.push(() => response.sendStatus(401)));
  app.use(answerRefusal);
  const origin = await serve(app);
  const answerAll = async (count: number) => {
    await vi.waitUntil(() => waiting.length === count);
    for (const answer of waiting.splice(0)) answer();
  };
  return { origin, waiting, answerAll };
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
    for (const status of [200, 200, 200, 503, 502, 400]) expect(await get(status)).toBe(status);
    expect([await get(400), await get(200)]).toEqual([400, 429]);
  });

  it("counts no request at the token endpoint while it is under way: a provider may be slow for a whole company", async () => {
    const { origin, answerAll } = await startSlow(2);
    const answers = Array.from({ length: 5 }, () => send(`${origin}/token`));
    await answerAll(5);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(5).fill(200));
  });

  it("lets a burst of guesses that come together through no further than the first of them", async () => {
    const { origin, waiting, answerAll } = await startSlow(2);
    const answers = Array.from({ length: 50 }, () => send(`${origin}/wrong`));
    await answerAll(8);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(8);
    expect(statuses.filter((status) => status === 429)).toHaveLength(42);
    expect(waiting).toEqual([]);
  });

  it("lets what is no guess wait for its turn, and answers it", async () => {
    const { origin, answerAll } = await startSlow(2);
    const answers = Array.from({ length: 20 }, () => send(`${origin}/token`));
    for (const count of [8, 8, 4]) await answerAll(count);
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(20).fill(200));
  });

  it("goes by the connection's address unless a number of proxies is trusted", async () => {
    const direct = await start(1, "requests");
    expect([await direct.get(200, "203.0.113.1"), await direct.get(200, "203.0.113.2")]).toEqual([200, 429]);
    const proxied = await start(1, "requests", 1);
    expect([await proxied.get(200, "203.0.113.1"), await proxied.get(200, "203.0.113.2")]).toEqual([200, 200]);
    expect(await proxied.get(200, "198.51.100.9, 203.0.113.1")).toBe(429);
  });

  it("is off at 0", async () => {
    const { get } = await start(0, "requests");
    for (let i = 0; i < 5; i += 1) expect(await get(200)).toBe(200);
  });

  it("keeps a bounded number of addresses", async () => {
    const store = createBoundedStore(() => 0, 3);
    for (const address of ["a", "b", "c", "d"]) await store.increment(address);
    expect((await store.increment("d")).totalHits).toBe(2);
    expect((await store.increment("a")).totalHits).toBe(1);
  });
});
