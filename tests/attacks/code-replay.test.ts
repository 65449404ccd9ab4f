import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createProofKey, type ProofKey } from "../../packages/mcp-env-auth/src/dpop/testing/proof-key.ts";
import {
  assertionParameters,
  type ClientKey,
  createClientKey,
} from "../../packages/mcp-env-auth/src/proxy/testing/client-assertion.ts";
import { type Answer, createPkce, postForm } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { type McpClient, useAttackedServer } from "../support/attacked-server.ts";
import { holdRequests } from "../support/held-requests.ts";
import { type InProcessServer, startInProcessReplicas, until } from "../support/in-process.ts";

const attacked = useAttackedServer();

/** Long enough for a request to come, milliseconds. */
const ON_ITS_WAY = 500;

const exchanges = () => attacked.auth0.requests.filter(({ path }) => path === "/oauth/token").length;
const callStatus = async (token = "") => (await attacked.server.call(token)).status;
const tokenUrl = () => `${attacked.origin}/token`;

// The server checks its own credentials there, soon after it has started.
beforeAll(() => until(() => exchanges() > 0));

/** What a request for a code's tokens holds; `undefined` takes a parameter away. */
type Form = Record<string, string | undefined>;

interface Redeeming {
  readonly client: McpClient;
  readonly form: Form;
  /** Sends the code. */
  send(changes?: Form, headers?: Record<string, string>): Promise<Answer>;
}

async function codeOf(metadata?: Record<string, unknown>): Promise<Redeeming> {
  const client = await attacked.client(metadata);
  const code = (await client.authorize()).searchParams.get("code") ?? "";
  const form = {
    grant_type: "authorization_code",
    code,
    client_id: client.id,
    client_secret: client.secret,
    redirect_uri: client.redirectUri,
    code_verifier: client.pkce.verifier,
    resource: attacked.resource,
  };
  return { client, form, send: (changes, headers) => postForm(tokenUrl(), { ...form, ...changes }, headers) };
}

interface Exchange<T> {
  /** How often the provider had been asked before. */
  readonly before: number;
  /** Lets the provider answer, and gives the answer. */
  finish(): Promise<T>;
}

/** Begins `send`, and holds the exchange at the provider. */
async function underWay<T>(send: () => Promise<T>): Promise<Exchange<T>> {
  const before = exchanges();
  const held = holdRequests(`${attacked.auth0.issuer}oauth/token`);
  onTestFinished(held.letGo);
  const answer = send();
  await held.reached;
  return {
    before,
    finish: () => {
      held.letGo();
      return answer;
    },
  };
}

/** Sends while `exchange` is under way, and lets that end once this has come. @returns both answers. */
async function overlap<T>(exchange: Exchange<T>, send: () => Promise<Answer>): Promise<readonly [T, Answer]> {
  const second = send();
  await sleep(ON_ITS_WAY);
  return [await exchange.finish(), await second];
}

const errorOf = ({ status, body }: Answer) => [status, body.error];

/** Whether these are tokens in use, and asks the provider nothing. */
async function expectGood({ status, body }: Answer): Promise<void> {
  expect([status, body.error]).toEqual([200, undefined]);
  expect(await callStatus(body.access_token)).toBe(200);
}

describe("while a code is exchanged, the same code with something else gets nothing and spoils nothing:", () => {
  it.each<[string, Form, readonly [number, string]]>([
    ["another redirect URI", { redirect_uri: "http://127.0.0.1:1/callback" }, [400, "invalid_grant"]],
    [
      "the same redirect URI at another port",
      { redirect_uri: "http://127.0.0.1:33419/callback" },
      [400, "invalid_grant"],
    ],
    [
      "the redirect URI in another spelling",
      { redirect_uri: "http://127.0.0.1:33418/callback/" },
      [400, "invalid_grant"],
    ],
    ["no redirect URI", { redirect_uri: undefined }, [400, "invalid_grant"]],
    ["another verifier", { code_verifier: createPkce().verifier }, [400, "invalid_grant"]],
    ["an empty verifier", { code_verifier: "" }, [400, "invalid_request"]],
    ["no verifier", { code_verifier: undefined }, [400, "invalid_request"]],
    ["another resource", { resource: "https://other.example/mcp" }, [400, "invalid_target"]],
    ["no client", { client_id: undefined }, [401, "invalid_client"]],
    ["a client that is none", { client_id: "client" }, [401, "invalid_client"]],
    ["another grant", { grant_type: "refresh_token" }, [400, "invalid_request"]],
  ])("%s", async (_what, changes, expected) => {
    const { send, form } = await codeOf();
    const exchange = await underWay(send);
    const changed = await send(changes);
    expect(errorOf(changed)).toEqual(expected);
    expect(JSON.stringify(changed.body)).not.toContain(form.code);
    await expectGood(await exchange.finish());
    expect(exchanges() - exchange.before).toBe(1);
  });

  it("the challenge in place of the verifier", async () => {
    const { send, client } = await codeOf();
    const exchange = await underWay(send);
    expect(errorOf(await send({ code_verifier: client.pkce.challenge }))).toEqual([400, "invalid_grant"]);
    await expectGood(await exchange.finish());
  });

  it("another client, with the verifier and the redirect URI", async () => {
    const { send } = await codeOf();
    const thief = await attacked.client();
    const exchange = await underWay(send);
    expect(errorOf(await send({ client_id: thief.id }))).toEqual([400, "invalid_grant"]);
    await expectGood(await exchange.finish());
  });

  it("the code twice in one request, or with another one", async () => {
    const { send, form } = await codeOf();
    const other = await codeOf();
    const exchange = await underWay(send);
    for (const second of [form.code, other.form.code]) {
      const pairs = [...Object.entries(form), ["code", second]].filter(
        (pair): pair is [string, string] => pair[1] !== undefined,
      );
      expect(errorOf(await postForm(tokenUrl(), pairs))).toEqual([400, "invalid_request"]);
    }
    await expectGood(await exchange.finish());
    attacked.auth0.restore();
    await expectGood(await other.send());
  });

  it("twenty of them at once", async () => {
    const { send } = await codeOf();
    const exchange = await underWay(send);
    const wrong = Array.from({ length: 20 }, () => send({ code_verifier: createPkce().verifier }));
    expect(new Set((await Promise.all(wrong)).map(({ status }) => status))).toEqual(new Set([400]));
    await expectGood(await exchange.finish());
    expect(exchanges() - exchange.before).toBe(1);
  });
});

describe("while a code is exchanged, the same request", () => {
  it.each<[string, () => Form]>([
    ["unchanged", () => ({})],
    ["with the resource in another spelling", () => ({ resource: `${attacked.resource}/` })],
    ["without the resource", () => ({ resource: undefined })],
    ["with a scope, which means nothing here", () => ({ scope: "openid weather:write" })],
  ])("%s gets the same bytes, and the next one is a replay", async (_what, changes) => {
    const { send } = await codeOf();
    const exchange = await underWay(send);
    const [first, second] = await overlap(exchange, () => send(changes()));
    expect(second.body).toEqual(first.body);
    await expectGood(first);
    expect(exchanges() - exchange.before).toBe(1);
    await attacked.auth0.restore();
    expect(errorOf(await send(changes()))).toEqual([400, "invalid_grant"]);
    expect(await callStatus(first.body.access_token)).toBe(401);
    expect(exchanges() - exchange.before).toBe(1);
  });

  it("as JSON gets the same bytes as the form", async () => {
    const { send, form } = await codeOf();
    const exchange = await underWay(send);
    const json = fetch(tokenUrl(), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(form),
    });
    await sleep(ON_ITS_WAY);
    const { body } = await exchange.finish();
    expect(await (await json).json()).toEqual(body);
  });

  it("goes on when the first one's client has left, and only whoever waited gets the tokens", async () => {
    const { send, form } = await codeOf();
    const leaving = new AbortController();
    const body = new URLSearchParams(
      Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    const exchange = await underWay(() =>
      fetch(tokenUrl(), { method: "POST", body, signal: leaving.signal }).catch((error: Error) => error.name),
    );
    const second = send();
    await sleep(ON_ITS_WAY);
    leaving.abort();
    await sleep(ON_ITS_WAY);
    expect(await exchange.finish()).toBe("AbortError");
    const tokens = await second;
    await expectGood(tokens);
    expect(exchanges() - exchange.before).toBe(1);
    expect(errorOf(await send())).toEqual([400, "invalid_grant"]);
    expect(await callStatus(tokens.body.access_token)).toBe(401);
  });

  it("shares an outage of the provider, after which the code is still good", async () => {
    const { send } = await codeOf();
    attacked.auth0.misbehave({ token: { status: 503 } });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    await attacked.auth0.restore();
    await expectGood(await send());
  });

  it("shares a refusal of the provider, and none gets tokens after it", async () => {
    const { send } = await codeOf();
    attacked.auth0.misbehave({ token: { error: "invalid_grant" } });
    const answers = await Promise.all([send(), send()]);
    expect(answers.map(errorOf)).toEqual([
      [400, "invalid_grant"],
      [400, "invalid_grant"],
    ]);
    await attacked.auth0.restore();
    expect(errorOf(await send())).toEqual([400, "invalid_grant"]);
  });
});

describe("while a confidential client's code is exchanged, the same code", () => {
  const METADATA = { token_endpoint_auth_method: "client_secret_post" };

  it("without the secret, or with another one, gets nothing and spoils nothing", async () => {
    const { send } = await codeOf(METADATA);
    const other = await attacked.client(METADATA);
    const exchange = await underWay(send);
    for (const client_secret of [undefined, "", "wrong", other.secret]) {
      expect(errorOf(await send({ client_secret }))).toEqual([401, "invalid_client"]);
    }
    await expectGood(await exchange.finish());
  });

  it("with the secret gets the same bytes", async () => {
    const { send } = await codeOf(METADATA);
    const exchange = await underWay(send);
    const [one, two] = await overlap(exchange, () => send());
    expect([one.status, two.body]).toEqual([200, one.body]);
  });
});

describe("while the code of a client that signs is exchanged, the same code", () => {
  let key: ClientKey;
  let other: ClientKey;
  beforeAll(async () => {
    [key, other] = await Promise.all([createClientKey(), createClientKey()]);
  });

  async function signing() {
    const redeeming = await codeOf({ token_endpoint_auth_method: "private_key_jwt", jwks: key.jwks });
    const { id } = redeeming.client;
    let count = 0;
    const assertion = async (by = key) => {
      const now = attacked.clock();
      const claims = {
        iss: id,
        sub: id,
        aud: attacked.issuer,
        iat: now,
        exp: now + 60,
        jti: `${id.slice(-20)}-${++count}`,
      };
      return assertionParameters(await by.sign(claims));
    };
    return { ...redeeming, assertion };
  }

  it("with the assertion of the first request is refused: each is used up", async () => {
    const { send, assertion } = await signing();
    const used = await assertion();
    const exchange = await underWay(() => send(used));
    expect(errorOf(await send(used))).toEqual([401, "invalid_client"]);
    await expectGood(await exchange.finish());
  });

  it("with an assertion of its own gets the same bytes", async () => {
    const { send, assertion } = await signing();
    const [first, second] = [await assertion(), await assertion()];
    const exchange = await underWay(() => send(first));
    const [one, two] = await overlap(exchange, () => send(second));
    expect([one.status, two.body]).toEqual([200, one.body]);
    expect(exchanges() - exchange.before).toBe(1);
  });

  it("without an assertion, or with one by another key, gets nothing and spoils nothing", async () => {
    const { send, assertion } = await signing();
    const [own, foreign] = [await assertion(), await assertion(other)];
    const exchange = await underWay(() => send(own));
    for (const changes of [{}, foreign]) {
      expect(errorOf(await send(changes))).toEqual([401, "invalid_client"]);
    }
    await expectGood(await exchange.finish());
  });
});

describe("while a code is exchanged with a key's proof, the same code", () => {
  let key: ProofKey;
  let thief: ProofKey;
  beforeAll(async () => {
    [key, thief] = await Promise.all([createProofKey(), createProofKey()]);
  });

  const proofBy = async (by: ProofKey) => ({ DPoP: await by.sign("POST", tokenUrl(), { iat: attacked.clock() }) });

  async function callWith(token = "", by = key): Promise<number> {
    const proof = await by.sign("POST", attacked.resource, { iat: attacked.clock(), accessToken: token });
    return (await attacked.server.call(undefined, undefined, { Authorization: `DPoP ${token}`, DPoP: proof })).status;
  }

  it("with a proof of its own by that key gets the same bytes, bound to that key", async () => {
    const { send } = await codeOf();
    const [first, second] = [await proofBy(key), await proofBy(key)];
    const exchange = await underWay(() => send({}, first));
    const [one, two] = await overlap(exchange, () => send({}, second));
    expect([one.status, two.body]).toEqual([200, one.body]);
    const { access_token } = one.body;
    expect(await callWith(access_token)).toBe(200);
    expect(await callWith(access_token, thief)).toBe(401);
  });

  it("with the first one's proof is refused, and spoils nothing", async () => {
    const { send } = await codeOf();
    const proof = await proofBy(key);
    const exchange = await underWay(() => send({}, proof));
    expect(errorOf(await send({}, proof))).toEqual([400, "invalid_dpop_proof"]);
    expect(await callWith((await exchange.finish()).body.access_token)).toBe(200);
  });

  it.each(["a thief's key", "no proof"])(
    "with %s gets no tokens, and the login ends: somebody else has the verifier",
    async (what) => {
      const { send } = await codeOf();
      const [own, foreign] = [await proofBy(key), what === "no proof" ? {} : await proofBy(thief)];
      const exchange = await underWay(() => send({}, own));
      const [first, stolen] = await overlap(exchange, () => send({}, foreign));
      expect(errorOf(stolen)).toEqual([400, "invalid_grant"]);
      expect(stolen.body).not.toHaveProperty("access_token");
      const { access_token, refresh_token } = first.body;
      expect(await callWith(access_token)).toBe(401);
      const refresh = { grant_type: "refresh_token", refresh_token, code: undefined, code_verifier: undefined };
      expect(errorOf(await send(refresh, await proofBy(key)))).toEqual([400, "invalid_grant"]);
      expect(exchanges() - exchange.before).toBe(1);
    },
  );

  it("that a thief is exchanging: the owner's request ends what the thief gets", async () => {
    const { send } = await codeOf();
    const [foreign, own] = [await proofBy(thief), await proofBy(key)];
    const exchange = await underWay(() => send({}, foreign));
    const [stolen, refused] = await overlap(exchange, () => send({}, own));
    expect(errorOf(refused)).toEqual([400, "invalid_grant"]);
    expect(await callWith(stolen.body.access_token, thief)).toBe(401);
  });

  it("bound to the key by dpop_jkt is refused with another key or none, and spoils nothing", async () => {
    const client = await attacked.client();
    const code = (await client.authorize(undefined, "alice", { dpop_jkt: key.jkt })).searchParams.get("code") ?? "";
    const form = {
      grant_type: "authorization_code",
      code,
      client_id: client.id,
      redirect_uri: client.redirectUri,
      code_verifier: client.pkce.verifier,
    };
    const own = await proofBy(key);
    const exchange = await underWay(() => postForm(tokenUrl(), form, own));
    for (const headers of [{}, await proofBy(thief)]) {
      expect((await postForm(tokenUrl(), form, headers)).status).toBe(400);
    }
    expect(await callWith((await exchange.finish()).body.access_token)).toBe(200);
  });
});

describe("after the answer, the same code", () => {
  it.each<[string, Form]>([
    ["with another verifier", { code_verifier: createPkce().verifier }],
    ["with another redirect URI", { redirect_uri: "http://127.0.0.1:1/callback" }],
    ["for another resource", { resource: "https://other.example/mcp" }],
    ["of another client", { client_id: "client" }],
  ])("%s ends nothing: whoever sends it has no right to it", async (_what, changes) => {
    const { send } = await codeOf();
    const first = await send();
    expect((await send(changes)).body).not.toHaveProperty("access_token");
    await expectGood(first);
  });

  it("with everything right ends the login, whoever sends it: its calls, its refresh, and what it was refreshed to", async () => {
    const { send, client } = await codeOf();
    const first = await send();
    const renewed = await client.refresh(first.body.refresh_token ?? "");
    await expectGood(renewed);
    expect(errorOf(await send())).toEqual([400, "invalid_grant"]);
    for (const { body } of [first, renewed]) {
      expect(await callStatus(body.access_token)).toBe(401);
      expect(errorOf(await client.refresh(body.refresh_token ?? ""))).toEqual([400, "invalid_grant"]);
    }
  });

  it("ends its own login and no other of the same client and user", async () => {
    const first = await codeOf();
    const other = (await first.client.authorize()).searchParams.get("code") ?? "";
    const kept = await first.client.redeem(other);
    await first.send();
    expect(errorOf(await first.send())).toEqual([400, "invalid_grant"]);
    await expectGood(kept);
  });
});

describe("at two replicas that share nothing,", () => {
  async function start() {
    const before = exchanges();
    const running = await startInProcessReplicas({
      auth0: attacked.auth0,
      clock: attacked.clock,
      env: { FASTMCP_RATE_LIMIT: "0" },
    });
    // Each checks its own credentials there.
    await until(() => exchanges() === before + 2);
    const [one, other] = running.replicas as [InProcessServer, InProcessServer];
    const { form } = await running.getCode();
    const send = (at: InProcessServer, changes: Form = {}) => postForm(`${at.origin}/token`, { ...form, ...changes });
    const statuses = async (token = "") => [(await one.call(token)).status, (await other.call(token)).status];
    return { one, other, send, statuses };
  }

  it.each<[string, Form]>([
    ["another verifier", { code_verifier: createPkce().verifier }],
    ["another redirect URI", { redirect_uri: "http://127.0.0.1:2/callback" }],
    ["another resource", { resource: "https://other.example/mcp" }],
    ["another client", { client_id: "client" }],
  ])("the same code with %s at the other one gets nothing and never reaches the provider", async (_what, changes) => {
    const { one, other, send, statuses } = await start();
    const exchange = await underWay(() => send(one));
    expect((await send(other, changes)).body).not.toHaveProperty("access_token");
    const { body } = await exchange.finish();
    expect(exchanges() - exchange.before).toBe(1);
    expect(await statuses(body.access_token)).toEqual([200, 200]);
  });

  it("the provider decides about the same request at the other one, and what it gave lives on", async () => {
    const { one, other, send, statuses } = await start();
    const exchange = await underWay(() => send(one));
    const [first, second] = await overlap(exchange, () => send(other));
    expect([first.status, second.status].sort()).toEqual([200, 400]);
    const winner = first.status === 200 ? first : second;
    const loser = first.status === 200 ? second : first;
    expect(loser.body).toMatchObject({ error: "invalid_grant" });
    expect(await statuses(winner.body.access_token)).toEqual([200, 200]);
  });

  it("a replay at the one that gave the tokens ends the login there, and gives nothing at the other", async () => {
    const { one, other, send, statuses } = await start();
    const first = await send(one);
    expect(errorOf(await send(other))).toEqual([400, "invalid_grant"]);
    expect(await statuses(first.body.access_token)).toEqual([200, 200]);
    expect(errorOf(await send(one))).toEqual([400, "invalid_grant"]);
    expect((await one.call(first.body.access_token)).status).toBe(401);
  });

  it("the first one's outage leaves the code to the other", async () => {
    const { one, other, send, statuses } = await start();
    attacked.auth0.misbehave({ token: { status: 503 } });
    expect((await send(one)).status).toBe(503);
    await attacked.auth0.restore();
    const { status, body } = await send(other);
    expect([status, await statuses(body.access_token)]).toEqual([200, [200, 200]]);
    expect((await send(one)).body).not.toHaveProperty("access_token");
  });
});
