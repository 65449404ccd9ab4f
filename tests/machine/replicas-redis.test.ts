import { type DevAuth0, type DevAuth0Options, type RecordedRequest, startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { OAuthClient } from "test-support/oauth-client";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CLIENT_KINDS, connect } from "../support/clients.ts";
import { until } from "../support/in-process.ts";
import { type OAuthSteps, oauthSteps } from "../support/oauth-steps.ts";
import { type Replicas, startReplicas } from "../support/replicas.ts";
import { fetchFrom } from "./support/local-address.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

/** The servers check their own credentials there too, by a code. */
const isRefresh = ({ params }: RecordedRequest) => params.grant_type === "refresh_token";

let redis: RedisServer;

beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
});

afterAll(() => redis?.dispose());

interface Pair {
  readonly auth0: DevAuth0;
  readonly replicas: Replicas;
  readonly steps: OAuthSteps;
  /** The replicas' own addresses. */
  readonly one: string;
  readonly other: string;
}

async function startPair(options: DevAuth0Options = {}, env: Readonly<Record<string, string>> = {}): Promise<Pair> {
  const auth0 = await startDevAuth0(options);
  onTestFinished(() => auth0.close());
  const storage = { FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}` };
  const replicas = await startReplicas({ auth0, env: { ...storage, ...env } });
  onTestFinished(() => replicas.stop());
  const [one = "", other = ""] = replicas.origins;
  return { auth0, replicas, steps: oauthSteps(replicas.baseUrl), one, other };
}

const tokensOf = async (answer: Response) => (await answer.json()) as Record<string, string>;

describe("two replicas that share a Redis", () => {
  it("take turns in login, calls, refresh and revocation, for every client", async () => {
    const { replicas } = await startPair();
    for (const kind of CLIENT_KINDS) {
      const before = [...replicas.front.counts];
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const session = await connect({ kind, url: `${replicas.baseUrl}/mcp`, oauth });
      oauth.spoilAccessToken();
      expect((await session.callTool("whoami")).content[0]?.text).toBe("auth0|alice");
      expect(oauth.logins).toBe(1);
      for (const index of [0, 1]) {
        expect(replicas.front.counts[index]).toBeGreaterThan((before[index] ?? 0) + 2);
      }
      await session.close();
    }
  });

  it("share the quota of a user, who gets a result that says when to retry from either, and nothing readable in Redis", async () => {
    const { steps, one, other } = await startPair({}, { FASTMCP_QUOTA_PER_USER: "3" });
    const { accessToken } = await steps.getSession();
    const call = async (origin: string) => (await oauthSteps(origin).call(accessToken)).text();
    for (const origin of [one, other, one]) {
      expect(await call(origin)).not.toContain("isError");
    }
    for (const origin of [one, other]) {
      expect(await call(origin)).toMatch(/"isError":true.*Try again in \d+ seconds?\./);
    }
    expect(await redis.command("KEYS", "*")).not.toContain("alice");
  });

  it("accept a code once, whichever of them it comes to, and end the login of one that comes again", async () => {
    const { steps, one, other } = await startPair();
    const { form, exchange } = await steps.getCode();
    const answer = await exchange();
    const { access_token } = await tokensOf(answer);
    for (const origin of [one, other]) {
      const again = await fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams(form) });
      expect(again.status).toBe(400);
      expect(await again.json()).toMatchObject({ error: "invalid_grant" });
    }
    await until(async () => (await oauthSteps(one).call(access_token)).status === 401);
    await until(async () => (await oauthSteps(other).call(access_token)).status === 401);
  });

  it("give a client that refreshes twice at once from two addresses one answer, of one call to a provider without leeway", async () => {
    const { auth0, steps, one, other } = await startPair({ refresh: { leeway: 0 } });
    auth0.misbehave({ token: { delay: 300 } });
    let session = await steps.getSession();
    auth0.requests.length = 0;
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all([
        session.refresh(one, fetchFrom("127.0.0.1")),
        session.refresh(other, fetchFrom("127.0.0.2")),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const [first, second] = await Promise.all(answers.map((answer) => session.renewed(answer)));
      expect(second?.refreshToken).toBe(first?.refreshToken);
      expect(second?.accessToken).toBe(first?.accessToken);
      session = first ?? session;
    }
    expect(auth0.requests.filter(isRefresh)).toHaveLength(3);
    expect((await steps.call(session.accessToken)).status).toBe(200);
  });

  it("Security rule 21: end a session whose refresh token comes again after its successor was redeemed, wherever that was", async () => {
    const { steps, one, other } = await startPair();
    for (const [redeemedAt, replayedAt] of [
      [one, other],
      [other, one],
      [other, other],
    ]) {
      const session = await steps.getSession();
      const answer = await session.refresh(one);
      const next = await session.renewed(answer);
      expect((await session.renewed(await session.refresh(other))).refreshToken).toBe(next.refreshToken);
      const last = await next.renewed(await next.refresh(redeemedAt));
      const again = await session.refresh(replayedAt);
      expect(again.status).toBe(400);
      expect(await again.json()).toMatchObject({ error: "invalid_grant" });
      expect((await last.refresh(one)).status).toBe(400);
      await until(async () => (await oauthSteps(other).call(last.accessToken)).status === 401);
    }
  });

  it("end a revoked session in both, and refuse its refresh token at once", async () => {
    const { steps, one, other } = await startPair();
    const session = await steps.getSession();
    for (const origin of [one, other]) {
      expect((await oauthSteps(origin).call(session.accessToken)).status).toBe(200);
    }
    expect((await session.revoke(session.refreshToken, one)).status).toBe(200);
    expect((await session.refresh(other)).status).toBe(400);
    expect((await oauthSteps(one).call(session.accessToken)).status).toBe(401);
    await until(async () => (await oauthSteps(other).call(session.accessToken)).status === 401);
  });

  it("refuse a revoked access token in both, and let the session go on", async () => {
    const { steps, one, other } = await startPair();
    const session = await steps.getSession();
    expect((await session.revoke(session.accessToken, one)).status).toBe(200);
    await until(async () => (await oauthSteps(other).call(session.accessToken)).status === 401);
    expect((await session.refresh(other)).status).toBe(200);
  });
});

/** As clients do when they are told to come again: on a busy machine, a command to Redis may take too long. */
async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const deadline = Date.now() + RETRYING_MS;
  for (;;) {
    const answer = await fetch(input, init);
    if (answer.status !== 503 || Date.now() > deadline) {
      return answer;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Shorter than the lock of a refresh that was cut off, which nothing here cuts off. */
const RETRYING_MS = 30_000;

describe("a replica that is killed", () => {
  it("before any step of login, call, refresh and revocation leaves nothing that the other can't go on with", {
    timeout: 400_000,
  }, async () => {
    const { replicas, steps } = await startPair();
    const kill = { before: 0, step: 0 };
    const killing: typeof fetch = async (input, init) => {
      kill.step += 1;
      if (kill.step === kill.before) {
        await replicas.restart(kill.step % 2);
      }
      return send(input, init);
    };
    const { getSession, call } = oauthSteps(replicas.baseUrl, killing);
    const goThrough = async (before: number) => {
      Object.assign(kill, { before, step: 0 });
      const session = await getSession();
      expect((await call(session.accessToken)).status).toBe(200);
      const refreshed = await session.refresh();
      expect(refreshed.status).toBe(200);
      expect((await (await session.renewed(refreshed)).revoke()).status).toBe(200);
      return kill.step;
    };
    const count = await goThrough(0);
    expect(count).toBeGreaterThanOrEqual(8);
    for (let step = 1; step <= count; step++) {
      await goThrough(step);
    }
    expect((await steps.call(undefined)).status).toBe(401);
  });

  it("in the middle of a refresh holds the other one up until its lock ends, and no longer", {
    timeout: 120_000,
  }, async () => {
    const { auth0, replicas, steps, one, other } = await startPair();
    const session = await steps.getSession();
    auth0.requests.length = 0;
    auth0.misbehave({ token: "hanging" });
    const lost = session.refresh(one).catch(() => undefined);
    await until(() => auth0.requests.some(isRefresh));
    await Promise.all([replicas.process(0).kill(), auth0.restore(), lost]);
    let answer = await session.refresh(other);
    while (answer.status === 503) {
      answer = await session.refresh(other);
    }
    expect(answer.status).toBe(200);
  });
});
