import { setTimeout as sleep } from "node:timers/promises";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createProofKey, type ProofKey } from "../../packages/mcp-env-auth/src/dpop/testing/proof-key.ts";
import { type Answer, createPkce, postForm } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { holdRequests } from "../support/held-requests.ts";
import { type InProcessServer, startInProcessReplicas, until } from "../support/in-process.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

/** Long enough for a request to come, milliseconds. */
const ON_ITS_WAY = 500;

let redis: RedisServer;
let auth0: DevAuth0;
let key: ProofKey;
let thief: ProofKey;

beforeAll(async () => {
  redis = await createRedisServer();
  [auth0, key, thief] = await Promise.all([startDevAuth0(), createProofKey(), createProofKey(), redis.start()]);
});
afterEach(() => auth0.restore());
afterAll(async () => {
  await auth0?.close();
  await redis?.dispose();
});

type Form = Record<string, string>;

const exchanges = () => auth0.requests.filter(({ params }) => params.grant_type === "authorization_code").length;
const errorOf = ({ status, body }: Answer) => [status, body.error];

async function start() {
  const env = { FASTMCP_RATE_LIMIT: "0", FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}` };
  const before = exchanges();
  const running = await startInProcessReplicas({ auth0, env });
  // Each checks its own credentials by a code, soon after it has started.
  await until(() => exchanges() === before + 2);
  const [one, other] = running.replicas as [InProcessServer, InProcessServer];
  const { form } = await running.getCode();
  const send = (at: InProcessServer, changes: Form = {}, headers: Record<string, string> = {}) =>
    postForm(`${at.origin}/token`, { ...form, ...changes }, headers);
  return { ...running, one, other, form, send };
}

/** A proof for the address that clients know. */
const proofBy = async (by: ProofKey, baseUrl: string) => ({ DPoP: await by.sign("POST", `${baseUrl}/token`) });

/** Begins `send`, and holds the exchange at the provider. */
async function underWay<T>(send: () => Promise<T>) {
  const before = exchanges();
  const held = holdRequests(`${auth0.issuer}oauth/token`);
  onTestFinished(held.letGo);
  const answer = send();
  await held.reached;
  return {
    asked: () => exchanges() - before,
    finish: () => {
      held.letGo();
      return answer;
    },
  };
}

/** Waits until both have learned of it. */
async function expectEnded(replicas: readonly InProcessServer[], token = ""): Promise<void> {
  for (const replica of replicas) {
    await until(async () => (await replica.call(token)).status === 401);
  }
}

describe("at two replicas that share a Redis, while one exchanges a code", () => {
  it("the same request at the other gets the same bytes, and a replay at either ends the login at both", async () => {
    const { one, other, send } = await start();
    const exchange = await underWay(() => send(one));
    const second = send(other);
    await sleep(ON_ITS_WAY);
    const first = await exchange.finish();
    expect([first.status, (await second).body]).toEqual([200, first.body]);
    expect(exchange.asked()).toBe(1);
    for (const replica of [one, other]) {
      expect((await replica.call(first.body.access_token)).status).toBe(200);
    }
    expect(errorOf(await send(other))).toEqual([400, "invalid_grant"]);
    await expectEnded([one, other], first.body.access_token);
    expect(exchange.asked()).toBe(1);
  });

  it.each<[string, Form]>([
    ["another verifier", { code_verifier: createPkce().verifier }],
    ["another redirect URI", { redirect_uri: "http://127.0.0.1:2/callback" }],
    ["another resource", { resource: "https://other.example/mcp" }],
    ["another client", { client_id: "client" }],
  ])("the code with %s at the other gets nothing and spoils nothing", async (_what, changes) => {
    const { one, other, send } = await start();
    const exchange = await underWay(() => send(one));
    expect((await send(other, changes)).body).not.toHaveProperty("access_token");
    const { body } = await exchange.finish();
    expect((await other.call(body.access_token)).status).toBe(200);
    expect(exchange.asked()).toBe(1);
  });

  it.each(["a thief's key", "no proof"])(
    "the code with %s at the other gets nothing, and the login ends",
    async (what) => {
      const { one, other, send, baseUrl } = await start();
      const [own, foreign] = [await proofBy(key, baseUrl), what === "no proof" ? {} : await proofBy(thief, baseUrl)];
      const exchange = await underWay(() => send(one, {}, own));
      const stolen = send(other, {}, foreign);
      await sleep(ON_ITS_WAY);
      const first = await exchange.finish();
      expect(errorOf(await stolen)).toEqual([400, "invalid_grant"]);
      const { refresh_token = "" } = first.body;
      const refresh = { grant_type: "refresh_token", refresh_token };
      for (const replica of [one, other]) {
        const { status } = await send(replica, refresh, await proofBy(key, baseUrl));
        expect(status).toBe(400);
      }
      expect(exchange.asked()).toBe(1);
    },
  );

  it("the proof of the first request counts at neither again", async () => {
    const { one, other, send, baseUrl } = await start();
    const own = await proofBy(key, baseUrl);
    const exchange = await underWay(() => send(one, {}, own));
    expect(errorOf(await send(other, {}, own))).toEqual([400, "invalid_dpop_proof"]);
    expect((await exchange.finish()).status).toBe(200);
  });

  it("and its client leaves, the one that waits at the other gets the tokens", async () => {
    const { one, other, send, form } = await start();
    const leaving = new AbortController();
    const body = new URLSearchParams(form);
    const exchange = await underWay(() =>
      fetch(`${one.origin}/token`, { method: "POST", body, signal: leaving.signal }).catch(({ name }: Error) => name),
    );
    const second = send(other);
    await sleep(ON_ITS_WAY);
    leaving.abort();
    await sleep(ON_ITS_WAY);
    expect(await exchange.finish()).toBe("AbortError");
    expect((await other.call((await second).body.access_token)).status).toBe(200);
    expect(exchange.asked()).toBe(1);
    expect(errorOf(await send(one))).toEqual([400, "invalid_grant"]);
  });

  it("and the provider is out, the code is still good at both", async () => {
    const { one, other, send } = await start();
    auth0.misbehave({ token: { status: 503 } });
    const answers = await Promise.all([send(one), send(other)]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    await auth0.restore();
    const { body } = await send(other);
    expect((await one.call(body.access_token)).status).toBe(200);
    expect(errorOf(await send(one))).toEqual([400, "invalid_grant"]);
  });

  it("and its tokens can't be verified, the one that waits goes on from the provider's answer", async () => {
    const { one, other, send } = await start();
    await auth0.rotateKeys();
    auth0.misbehave({ jwks: { status: 503 } });
    const exchange = await underWay(() => send(one));
    const second = send(other);
    await sleep(ON_ITS_WAY);
    expect([(await exchange.finish()).status, (await second).status]).toEqual([503, 503]);
    await auth0.restore();
    // Keys that could not be fetched are not asked for again at once.
    let third = await send(other);
    await until(async () => {
      third = third.status === 503 ? await send(other) : third;
      return third.status !== 503;
    });
    expect([third.status, exchange.asked()]).toEqual([200, 1]);
    expect((await one.call(third.body.access_token)).status).toBe(200);
    expect(errorOf(await send(one))).toEqual([400, "invalid_grant"]);
    expect(exchange.asked()).toBe(1);
  });

  it("and the provider refuses it, neither asks again", async () => {
    const { one, other, send } = await start();
    auth0.misbehave({ token: { error: "invalid_grant" } });
    const before = exchanges();
    expect(errorOf(await send(one))).toEqual([400, "invalid_grant"]);
    await auth0.restore();
    expect(errorOf(await send(other))).toEqual([400, "invalid_grant"]);
    expect(exchanges() - before).toBe(1);
  });
});
