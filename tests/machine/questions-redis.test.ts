import { fileURLToPath } from "node:url";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/in-process.ts";
import { oauthSteps } from "../support/oauth-steps.ts";
import { type Replicas, startReplicas } from "../support/replicas.ts";
import { type AskingCall, beginSession, type SessionClient } from "../support/session-client.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

const SCRIPT = fileURLToPath(new URL("../fixtures/asking-server.mjs", import.meta.url));

let auth0: DevAuth0;
let redis: RedisServer;
let replicas: Replicas;
let one: string;
let other: string;
let token: string;
let client: SessionClient;
const calls: AskingCall[] = [];

beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
  auth0 = await startDevAuth0();
  const env = { FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}` };
  replicas = await startReplicas({ auth0, script: SCRIPT, env });
  [one = "", other = ""] = replicas.origins;
  ({ accessToken: token } = await oauthSteps(replicas.baseUrl).getSession());
  client = await beginSession(one, token);
});
afterEach(() => {
  for (const call of calls.splice(0)) {
    call.leave();
  }
});
afterAll(async () => {
  await replicas?.stop();
  await auth0?.close();
  await redis?.dispose();
});

async function asked(at: string) {
  const call = await client.call("ask", {}, at);
  calls.push(call);
  const question = await call.next();
  expect(question?.method).toBe("elicitation/create");
  return { call, question };
}

const textOf = async (call: AskingCall) => (await call.next())?.result?.content?.[0]?.text;

describe("questions, with two replicas that share a Redis", () => {
  it("are answered at either of them", async () => {
    for (const [asks, answers] of [
      [one, one],
      [one, other],
      [other, one],
    ] as const) {
      const { call, question } = await asked(asks);
      expect((await client.answer(question, { name: "Ada" }, { at: answers })).status).toBe(202);
      expect(await textOf(call)).toBe("Hello, Ada");
      expect((await client.answer(question, { name: "Eve" }, { at: asks })).status).toBe(400);
      await until(async () => (await client.answer(question, { name: "Eve" }, { at: answers })).status === 400);
    }
  });

  it("take no answer of another user at the other replica", async () => {
    const { accessToken } = await oauthSteps(replicas.baseUrl).getSession("bob");
    const bob = await beginSession(other, accessToken);
    const { call, question } = await asked(one);
    expect((await bob.answer(question, { name: "Eve" })).status).toBe(400);
    expect((await bob.answer(question, { name: "Eve" }, { session: client.id })).status).toBe(404);
    expect((await client.answer(question, { name: "Ada" }, { at: other })).status).toBe(202);
    expect(await textOf(call)).toBe("Hello, Ada");
  });

  it("leave nothing readable in Redis", async () => {
    const { question } = await asked(one);
    const channels = await redis.command("PUBSUB", "CHANNELS", "*");
    expect(channels).toContain("mcp-env-auth:");
    expect(channels).not.toContain(String(question?.id));
  });

  it("fail their tool and their answer at once, if that is too long to pass between replicas", async () => {
    const { call, question } = await asked(one);
    const answer = await client.answer(question, { name: "x".repeat(48_000) }, { at: other });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("48000 bytes") } });
    expect(await textOf(call)).toContain("48000 bytes");
    const { call: again, question: same } = await asked(one);
    expect((await client.answer(same, { name: "x".repeat(48_000) }, { at: one })).status).toBe(202);
    expect((await textOf(again))?.length).toBeGreaterThan(48_000);
  });

  it("end with the session, at both replicas", async () => {
    const ending = await beginSession(one, token);
    expect((await ending.send("DELETE")).status).toBe(204);
    const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
    expect((await ending.post(ping)).status).toBe(404);
    await until(async () => (await ending.post(ping, { at: other })).status === 404);
  });

  it("of a replica that was killed get a clear error, and nothing hangs", async () => {
    const { call, question } = await asked(one);
    replicas.takeOut(0);
    const killed = replicas.process(0).kill();
    await expect(call.next()).rejects.toThrow();
    await killed;
    const answer = await client.answer(question, { name: "Ada" }, { at: other });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("No tool waits") } });
    const { call: again, question: next } = await asked(other);
    await client.answer(next, { name: "Ada" }, { at: other });
    expect(await textOf(again)).toBe("Hello, Ada");
    await replicas.restart(0);
    const { call: third, question: last } = await asked(one);
    expect((await client.answer(last, { name: "Ada" }, { at: other })).status).toBe(202);
    expect(await textOf(third)).toBe("Hello, Ada");
  });

  it("are asked while Redis is down, and listened to again when it is back", async () => {
    await redis.stop();
    const { call, question } = await asked(one);
    const elsewhere = await client.answer(question, { name: "Ada" }, { at: other });
    expect([400, 503]).toContain(elsewhere.status);
    expect((await client.answer(question, { name: "Ada" }, { at: one })).status).toBe(202);
    expect(await textOf(call)).toBe("Hello, Ada");
    await redis.start();
    await until(async () => {
      const { call: next, question: asks } = await asked(one);
      const { status } = await client.answer(asks, { name: "Ada" }, { at: other });
      next.leave();
      return status === 202;
    });
  });
});

describe("the stream of a session, with two replicas that share a Redis", () => {
  const subscribe = (from: SessionClient, method: string, at: string) =>
    from.ask(`resources/${method}`, { uri: "test://note" }, { at });
  const change = async (from: SessionClient, at: string) => (await from.call("change", {}, at)).next();

  it("is subscribed at the other one, moves there with its subscriptions, and ends with its session", async () => {
    const listening = await beginSession(one, token);
    const first = await listening.listen({ at: one });
    expect(await subscribe(listening, "subscribe", other)).toMatchObject({ result: {} });
    await change(listening, one);
    await until(() => first.told.length === 1);
    const second = await listening.listen({ at: other });
    await first.ended;
    await change(listening, other);
    await until(() => second.told.length === 1);
    expect(await subscribe(listening, "unsubscribe", one)).toMatchObject({ result: {} });
    await change(listening, other);
    expect((await listening.send("DELETE", { at: one })).status).toBe(204);
    await second.ended;
    expect([first.told, second.told]).toEqual([["test://note"], ["test://note"]]);
  });

  it("takes up its subscriptions at the other one when its replica is killed", async () => {
    const listening = await beginSession(one, token);
    const first = await listening.listen({ at: one });
    await subscribe(listening, "subscribe", one);
    replicas.takeOut(0);
    await replicas.process(0).kill();
    await first.ended;
    const second = await listening.listen({ at: other });
    await change(listening, other);
    await until(() => second.told.length === 1);
    second.leave();
    await replicas.restart(0);
  });

  it("leaves nothing readable in Redis", async () => {
    const listening = await beginSession(one, token);
    const stream = await listening.listen();
    await subscribe(listening, "subscribe", one);
    const keys = (await redis.command("KEYS", "*")).split("\n").filter((key) => key !== "");
    const values = await Promise.all(keys.map((key) => redis.command("GET", key)));
    expect(values.length).toBeGreaterThan(0);
    expect([...keys, ...values].join()).not.toContain("test://note");
    stream.leave();
  });
});

it("the level that a client set counts at both replicas that share a Redis", async () => {
  const setting = await beginSession(one, token);
  const isTold = async () => (await (await setting.call("log", {}, other)).next())?.method !== undefined;
  expect(await isTold()).toBe(true);
  await setting.ask("logging/setLevel", { level: "error" });
  await until(async () => !(await isTold()));
});
