import { type DevAuth0Options, startDevAuth0 } from "dev-auth0";
import { Browser, findButton } from "test-support/browser";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type InProcessServer, startInProcessReplicas, until } from "../support/in-process.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";
import { startSlowLink } from "./support/slow-link.ts";

let redis: RedisServer;
/** How far the replicas' clocks are ahead of the machine's, so that no pause has to be waited for: seconds. */
let ahead = 0;

beforeAll(async () => {
  redis = await createRedisServer();
});

beforeEach(() => redis.start());

afterEach(async () => {
  redis.thaw();
  await redis.stop();
});

afterAll(() => redis?.dispose());

async function start(options: DevAuth0Options = {}, port = redis.port) {
  const clock = () => Date.now() / 1000 + ahead;
  const auth0 = await startDevAuth0({ clock, ...options });
  onTestFinished(() => auth0.close());
  const running = await startInProcessReplicas({
    auth0,
    clock,
    env: { FASTMCP_STORAGE_URL: `redis://127.0.0.1:${port}`, FASTMCP_RATE_LIMIT: "0" },
  });
  const [one, other] = running.replicas;
  if (one === undefined || other === undefined) {
    throw new Error("There are two replicas.");
  }
  return { ...running, auth0, one, other };
}

/** Waits until each replica that lost Redis says that it is back. */
async function untilBack(replicas: readonly InProcessServer[]): Promise<void> {
  const lastEvent = ({ lines }: InProcessServer) =>
    lines.map(({ fields }) => (fields as { event?: string }).event).findLast((event) => event?.startsWith("redis-"));
  await until(() => replicas.every((replica) => lastEvent(replica) === "redis-up"));
}

/** Sends a request again and again while the answer is 503, as a client does that was told to come back. */
async function untilAvailable(send: () => Promise<Response>): Promise<Response> {
  let answer = await send();
  while (answer.status === 503) {
    ahead += 0.1;
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer = await send();
  }
  return answer;
}

describe.each([
  { fault: "is down", fail: () => redis.stop(), heal: () => redis.start() },
  { fault: "hangs", fail: () => redis.freeze(), heal: () => redis.thaw() },
])("while Redis $fault", ({ fail, heal }) => {
  it("calls go on, and codes, refresh tokens and revocations wait for it", async () => {
    const { replicas, call, getCode, getSession, register, one } = await start();
    const [login, kept, ended] = await Promise.all([getCode(), getSession(), getSession()]);
    await fail();
    for (let round = 0; round < 3; round++) {
      expect((await call(kept.accessToken)).status).toBe(200);
    }
    for (const answer of [
      await login.exchange(),
      await kept.refresh(),
      await ended.revoke(ended.refreshToken, one.origin),
    ]) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await answer.json()).toMatchObject({ error: "temporarily_unavailable" });
    }
    expect((await one.call(ended.accessToken)).status, "where the session was revoked").toBe(401);
    expect(await register()).not.toBe("");
    expect((await fetch(`${one.origin}/readyz`)).status).toBe(200);

    await heal();
    await untilBack(replicas);
    const exchanged = await untilAvailable(() => login.exchange());
    expect(exchanged.status).toBe(200);
    const { access_token } = (await exchanged.json()) as Record<string, string>;
    expect((await call(access_token)).status).toBe(200);
    const refreshed = await untilAvailable(() => kept.refresh());
    expect(refreshed.status).toBe(200);
    expect((await call((await kept.renewed(refreshed)).accessToken)).status).toBe(200);
    expect((await untilAvailable(() => ended.revoke())).status).toBe(200);
    expect((await untilAvailable(() => ended.refresh())).status).toBe(400);
  });

  it("a user who comes back from the login sees a page that says so, and goes on by loading it again", async () => {
    const { replicas, baseUrl, register } = await start();
    const query = new URLSearchParams({
      response_type: "code",
      client_id: await register(),
      redirect_uri: "http://127.0.0.1:1/callback",
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    });
    const browser = new Browser();
    const isCallback = (url: URL) => url.port === "1";
    let page = await browser.open(`${baseUrl}/authorize?${query}`, isCallback);
    for (const _ of ["consent", "login"]) {
      if (page instanceof URL) {
        throw new Error("The login has ended already.");
      }
      const { form, button } = findButton(page, "alice");
      if (button.name === "username") {
        await fail();
      }
      page = await browser.press(page, form, button, isCallback);
    }
    if (page instanceof URL) {
      throw new Error("The login went on without Redis.");
    }
    expect(page.status).toBe(503);
    const { url } = page;
    await heal();
    await untilBack(replicas);
    const redirect = await browser.open(url, isCallback);
    expect(redirect).toBeInstanceOf(URL);
    expect((redirect as URL).searchParams.get("code")).not.toBeNull();
  });
});

describe("while Redis is slow", () => {
  it("everything works, later, and what was used or revoked is told as ever", async () => {
    const link = await startSlowLink(redis.port, 40);
    onTestFinished(() => link.close());
    const { getCode, getSession, call, other } = await start({ refresh: { leeway: 0 } }, link.port);
    const [login, twice, ended] = await Promise.all([getCode(), getSession(), getSession()]);
    const exchanged = await login.exchange();
    expect(exchanged.status).toBe(200);
    const { access_token } = (await exchanged.json()) as Record<string, string>;
    expect((await call(access_token)).status).toBe(200);
    const answers = await Promise.all([twice.refresh(), twice.refresh()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const [one, two] = await Promise.all(answers.map((answer) => answer.text()));
    expect(one).toBe(two);
    expect((await ended.revoke()).status).toBe(200);
    expect((await ended.refresh(other.origin)).status).toBe(400);
    expect((await login.exchange()).status).toBe(400);
    ahead += 3;
    for (const token of [access_token, ended.accessToken]) {
      expect((await call(token)).status).toBe(401);
    }
  });
});

describe("when Redis comes back empty, or is flushed", () => {
  it.each([
    { how: "restarted", forget: () => redis.stop().then(() => redis.start()) },
    { how: "flushed", forget: () => redis.command("FLUSHALL") },
  ])("($how) sessions go on", async ({ forget }) => {
    const { call, getCode, getSession } = await start();
    const [login, session] = await Promise.all([getCode(), getSession()]);
    await forget();
    expect((await call(session.accessToken)).status).toBe(200);
    expect((await untilAvailable(() => login.exchange())).status).toBe(200);
    expect((await untilAvailable(() => session.refresh())).status).toBe(200);
  });

  it("the provider still refuses codes and refresh tokens that were used, and sessions that were revoked", async () => {
    const { getCode, getSession, other } = await start({ refresh: { leeway: 0 } });
    const login = await getCode();
    expect((await login.exchange()).status).toBe(200);
    const [used, revoked] = await Promise.all([getSession(), getSession()]);
    expect((await used.refresh()).status).toBe(200);
    expect((await revoked.revoke()).status).toBe(200);
    await redis.command("FLUSHALL");
    for (const answer of [await login.exchange(), await used.refresh(), await revoked.refresh(other.origin)]) {
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ error: "invalid_grant" });
    }
  });

  it("a session stays ended where it was revoked", async () => {
    const { getSession, one } = await start();
    const session = await getSession();
    await session.revoke(session.refreshToken, one.origin);
    await redis.command("FLUSHALL");
    ahead += 3;
    expect((await one.call(session.accessToken)).status).toBe(401);
  });
});

describe("a server that starts while Redis is down", () => {
  it("lets users log in once it is up", async () => {
    await redis.stop();
    const { getSession, call } = await start();
    await expect(getSession()).rejects.toThrow();
    await redis.start();
    await until(async () => {
      ahead += 0.1;
      const session = await getSession().catch(() => undefined);
      return session !== undefined && (await call(session.accessToken)).status === 200;
    });
  });
});
