import { startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { OAuthClient } from "test-support/oauth-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { CLIENT_KINDS, connect } from "./support/clients.ts";
import { startInProcess, startInProcessReplicas, until } from "./support/in-process.ts";

const HOUR = 3600;

/** A server and its tenant in this process, both on a clock that the test moves. */
async function startOnOneClock(rotation: boolean) {
  const time = { now: Date.now() / 1000 };
  const clock = () => time.now;
  const auth0 = await startDevAuth0({ clock, accessTokenLifetime: HOUR, refresh: { rotation } });
  onTestFinished(() => auth0.close());
  const { url } = await startInProcess({ auth0, clock });
  return { url, auth0, advance: (seconds: number) => (time.now += seconds) };
}

describe.each([
  { provider: "a provider that rotates refresh tokens", rotation: true },
  { provider: "a provider that keeps them", rotation: false },
])("with $provider", ({ rotation }) => {
  it.each(CLIENT_KINDS)(
    "one login lasts through five refreshes, each long after the one before, with %s",
    async (kind) => {
      const { url, auth0, advance } = await startOnOneClock(rotation);
      const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
      const session = await connect({ kind, url, oauth });
      const refreshTokens = new Set([oauth.tokens()?.refresh_token]);
      auth0.requests.length = 0;
      for (let refresh = 1; refresh <= 5; refresh++) {
        advance(2 * HOUR);
        const result = await session.callTool("whoami");
        expect(result.content[0]?.text).toBe("auth0|alice");
        refreshTokens.add(oauth.tokens()?.refresh_token);
        expect(refreshTokens.size).toBe(refresh + 1);
      }
      expect(auth0.requests.filter(({ params }) => params.grant_type === "refresh_token")).toHaveLength(5);
      expect(oauth.logins).toBe(1);
      await session.close();
    },
  );
});

/**
 * Auth0 ends the user's grant when a rotated refresh token comes again after its overlap: all of the user's sessions at
 * the application, which all MCP clients share.
 */
describe("with a provider whose reuse detection ends the grant", () => {
  async function startStrict(leeway: number) {
    const time = { now: Date.now() / 1000 };
    const clock = () => time.now;
    const auth0 = await startDevAuth0({ clock, refresh: { leeway, reuseDeletesGrant: true } });
    onTestFinished(() => auth0.close());
    const refreshes = () => auth0.requests.filter(({ params }) => params.grant_type === "refresh_token").length;
    return { auth0, clock, refreshes, advance: (seconds: number) => (time.now += seconds) };
  }

  async function startOne(leeway: number) {
    const tenant = await startStrict(leeway);
    const server = await startInProcess(tenant);
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
    return { ...tenant, server };
  }

  it("parallel refreshes and one that comes again within 30 s reach the provider once, without any overlap there", async () => {
    const { server, refreshes, advance } = await startOne(0);
    const [session, other] = [await server.getSession(), await server.getSession()];
    const answers = await Promise.all(Array.from({ length: 5 }, () => session.refresh()));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const tokens = await Promise.all(answers.map((answer) => answer.clone().text()));
    expect(new Set(tokens).size).toBe(1);
    advance(29);
    expect((await session.refresh()).status).toBe(200);
    expect(refreshes()).toBe(1);
    expect((await (await session.renewed(answers[0] as Response)).refresh()).status).toBe(200);
    expect((await other.refresh()).status).toBe(200);
  });

  it("a replay after that ends its own session here, and none of the user's others", async () => {
    const { server, refreshes, advance } = await startOne(0);
    const [session, other] = [await server.getSession(), await server.getSession()];
    const next = await session.renewed(await session.refresh());
    advance(31);
    expect((await session.refresh()).status).toBe(400);
    expect(refreshes(), "the provider sees no reuse").toBe(1);
    expect((await next.refresh()).status).toBe(400);
    expect((await other.refresh()).status).toBe(200);
  });

  it("replicas without a store refresh at once within the overlap, and no session ends", async () => {
    const tenant = await startStrict(60);
    const { replicas, getSession } = await startInProcessReplicas(tenant);
    const [session, other] = [await getSession(), await getSession()];
    const answers = await Promise.all(replicas.map(({ origin }) => session.refresh(origin)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    for (const answer of answers) {
      expect((await (await session.renewed(answer)).refresh()).status).toBe(200);
    }
    expect((await other.refresh()).status).toBe(200);
  });

  it("a lost answer costs the user's other sessions where there is no overlap, and nothing where there is one", async () => {
    for (const [leeway, status] of [
      [0, 400],
      [60, 200],
    ] as const) {
      const { server, auth0 } = await startOne(leeway);
      const [session, other] = [await server.getSession(), await server.getSession()];
      auth0.misbehave({ token: "answer-lost" });
      expect((await session.refresh()).status).toBe(503);
      await auth0.restore();
      expect((await session.refresh()).status, `overlap of ${leeway} s`).toBe(status);
      expect((await other.refresh()).status, `another session, overlap of ${leeway} s`).toBe(status);
    }
  });
});
