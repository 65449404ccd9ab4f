import { type DevAuth0, type DevAuth0Options, type EndpointFault, startDevAuth0 } from "dev-auth0";
import { describe, expect, it, onTestFinished } from "vitest";
import { startInProcess, startInProcessReplicas, until } from "./support/in-process.ts";

async function startTenant(options: DevAuth0Options = {}): Promise<DevAuth0> {
  const auth0 = await startDevAuth0(options);
  onTestFinished(() => auth0.close());
  return auth0;
}

async function start(options: DevAuth0Options = {}) {
  const auth0 = await startTenant(options);
  const server = await startInProcess({ auth0 });
  await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
  return { auth0, server };
}

/** 503, with a hint when to come back, and no word that makes a client throw its registration or its tokens away. */
async function expectUnavailable(answer: Response): Promise<void> {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({ error: "temporarily_unavailable" });
}

/** What users see of a provider whose endpoints fail, and that nothing is lost once it is back. */
async function goThroughOutage(fault: EndpointFault): Promise<void> {
  const { auth0, server } = await start();
  const [login, kept, ended] = await Promise.all([server.getCode(), server.getSession(), server.getSession()]);
  auth0.misbehave({ token: fault, revoke: fault });
  const [called, ...failed] = await Promise.all([
    server.call(kept.accessToken),
    login.exchange(),
    kept.refresh(),
    ended.revoke(),
  ]);
  expect(called.status, "a call with a valid token").toBe(200);
  for (const answer of failed) {
    await expectUnavailable(answer);
  }
  expect((await server.call(ended.accessToken)).status, "a call of the session that was to end").toBe(401);

  await auth0.restore();
  const exchanged = await login.exchange();
  expect(exchanged.status, "the same code").toBe(200);
  const { access_token } = (await exchanged.json()) as Record<string, string>;
  expect((await server.call(access_token)).status, "a call after the login").toBe(200);
  expect((await kept.refresh()).status, "the same refresh token").toBe(200);
  expect((await ended.revoke()).status, "the revocation again").toBe(200);
  expect((await ended.refresh()).status, "a refresh of the session that has ended").toBe(400);
}

describe("while the provider's endpoints fail", () => {
  it.each(["down", { status: 500 }, { status: 503 }, { status: 429 }] as const)(
    "at once (%j), calls go on, and codes, refresh tokens and revocations work once it is back",
    goThroughOutage,
  );

  const page = { "content-type": "text/html" };
  const challenge = "<!doctype html><title>Just a moment…</title><a href='/?a=b&error=invalid_grant'>Go on</a>";
  it.each([
    "html",
    { status: 400, headers: page, body: challenge },
    { status: 401, headers: page, body: challenge },
    { status: 403, headers: page, body: challenge },
    { status: 404, headers: page, body: challenge },
    { status: 405, headers: page, body: challenge },
    { status: 302, headers: { location: "https://login.example.com/", ...page }, body: "" },
    { status: 403, body: "" },
    { status: 401, body: "" },
    { status: 403, body: JSON.stringify({ message: "Forbidden" }) },
    { status: 400, body: JSON.stringify({ status: 400, error: "Bad Request", path: "/oauth/token" }) },
  ] as const)("or something in front of them answers in their place (%j), nothing is lost", goThroughOutage);

  it("by never answering, or never to the end, calls go on, and nothing is lost once it is back", async () => {
    await Promise.all([goThroughOutage("hanging"), goThroughOutage("half-open")]);
  });
});

describe("while the provider", () => {
  it("is slow, everything works", async () => {
    const { auth0, server } = await start();
    auth0.misbehave({ everywhere: { delay: 300 } });
    const session = await server.getSession();
    expect((await session.refresh()).status).toBe(200);
    expect((await session.revoke()).status).toBe(200);
  });

  it("shows a web page in place of an answer, the operator is told and the client keeps what it has", async () => {
    const { auth0, server } = await start();
    const session = await server.getSession();
    auth0.misbehave({ token: "html" });
    await expectUnavailable(await session.refresh());
    expect(server.lines.some(({ level, message }) => level === "error" && message.includes("protocol"))).toBe(true);
    await auth0.restore();
    expect((await session.refresh()).status).toBe(200);
  });
});

describe("when the provider's answer to a refresh is lost", () => {
  it("the next try gets new tokens, within the provider's leeway", async () => {
    const { auth0, server } = await start({ refresh: { leeway: 60 } });
    const session = await server.getSession();
    auth0.misbehave({ token: "answer-lost" });
    await expectUnavailable(await session.refresh());
    await auth0.restore();
    const answer = await session.refresh();
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ refresh_token: expect.any(String) });
  });

  it("the user logs in again, where the provider has no leeway", async () => {
    const { auth0, server } = await start({ refresh: { leeway: 0 } });
    const session = await server.getSession();
    auth0.misbehave({ token: "answer-lost" });
    await expectUnavailable(await session.refresh());
    await auth0.restore();
    const answer = await session.refresh();
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: "invalid_grant" });
    expect((await server.getSession()).accessToken).not.toBe("");
  });
});

describe("when the provider rotates its signing keys", () => {
  it("logins and refreshes go on at once, and tokens in use stay good", async () => {
    const { auth0, server } = await start();
    const session = await server.getSession();
    expect((await server.call(session.accessToken)).status).toBe(200);
    await auth0.rotateKeys({ keepPrevious: true });
    expect((await session.refresh()).status).toBe(200);
    expect((await server.call((await server.getSession()).accessToken)).status).toBe(200);
    expect((await server.call(session.accessToken)).status).toBe(200);
  });

  it("and withdraws the old one at once, a replica that never saw a token asks for a refresh, which works", async () => {
    const auth0 = await startTenant();
    const { replicas, getSession } = await startInProcessReplicas({ auth0 });
    const session = await getSession();
    await auth0.rotateKeys();
    const answers = await Promise.all(replicas.map(({ call }) => call(session.accessToken)));
    for (const { status } of answers) {
      expect([200, 401]).toContain(status);
    }
    const refreshed = await session.refresh();
    expect(refreshed.status).toBe(200);
    const { access_token } = (await refreshed.json()) as Record<string, string>;
    for (const { call } of replicas) {
      expect((await call(access_token)).status).toBe(200);
    }
  });

  it("and its keys can't be fetched, tokens of the new key get 503, never 401, and those in use stay good", async () => {
    const { auth0, server } = await start();
    const session = await server.getSession();
    await auth0.rotateKeys();
    auth0.misbehave({ jwks: "down" });
    await expectUnavailable(await session.refresh());
    expect((await server.call(session.accessToken)).status).toBe(200);
  });
});
