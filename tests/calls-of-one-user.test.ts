import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startInProcess, until } from "./support/in-process.ts";
import { oauthSteps, WHOAMI } from "./support/oauth-steps.ts";
import { startReplicas } from "./support/replicas.ts";

const SLOW = { ...WHOAMI, params: { name: "slow", arguments: { milliseconds: 300 } } };
const LIGHT = ["tools/list", "ping"].map((method) => ({ jsonrpc: "2.0", id: 1, method }));

let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0();
});

afterAll(() => auth0?.close());

/** A process that serves, and a user who has logged in there. */
async function start(env: Record<string, string>) {
  const replicas = await startReplicas({ auth0, count: 1, env });
  onTestFinished(() => replicas.stop());
  const steps = oauthSteps(replicas.baseUrl);
  return { ...steps, replicas, alice: await steps.getSession("alice") };
}

describe("a server that serves two calls of one user at once", () => {
  it("answers others, and that user's lists, while more calls wait", async () => {
    let begun = 0;
    let end = (): void => undefined;
    const isOver = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { origin } = await startInProcess({
      auth0,
      env: { FASTMCP_MAX_CALLS_PER_USER: "2" },
      register: (server) =>
        void server.registerTool("held", {}, async () => {
          begun += 1;
          await isOver;
          return "over";
        }),
    });
    const { getSession, call } = oauthSteps(origin);
    const alice = await getSession("alice");
    const ask = async (token: string, body: object) => (await call(token, body)).text();
    const calls = Array.from({ length: 12 }, () => ask(alice.accessToken, { ...WHOAMI, params: { name: "held" } }));
    await until(() => begun === 2);
    const bob = await getSession("bob");
    expect(await ask(bob.accessToken, WHOAMI)).toContain("auth0|bob");
    for (const body of LIGHT) {
      expect(await ask(alice.accessToken, body)).toContain('"result"');
    }
    expect(begun).toBe(2);
    end();
    for (const text of await Promise.all(calls)) {
      expect(text).toContain("over");
    }
  });

  it("answers those that wait when it is told to stop", async () => {
    const { alice, call, replicas } = await start({ FASTMCP_MAX_CALLS_PER_USER: "2" });
    let answered = 0;
    const calls = Array.from({ length: 8 }, async () => {
      const answer = await call(alice.accessToken, SLOW);
      const isServed = (await answer.text()).includes("auth0|alice");
      answered += 1;
      return `${answer.status} ${isServed}`;
    });
    await until(() => answered > 0);
    const { pid, exited, log } = replicas.process(0);
    process.kill(pid, "SIGTERM");
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["200 true"]));
    expect(await exited).toBe(0);
    expect(log()).not.toContain("were cut");
  });
});

describe("a client that refreshes again and again", () => {
  it("gets 429, keeps its session, and leaves the provider to others", async () => {
    const { alice, getSession } = await start({ FASTMCP_RATE_LIMIT: "20" });
    const bob = await getSession("bob");
    auth0.requests.length = 0;
    let session = alice;
    for (let count = 0; count < 60; count++) {
      session = await session.renewed(await session.refresh());
    }
    const refused = await session.refresh();
    expect([refused.status, await refused.json()]).toEqual([
      429,
      expect.objectContaining({ error: "temporarily_unavailable" }),
    ]);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(auth0.requests.filter(({ params }) => params.grant_type === "refresh_token")).toHaveLength(60);
    expect((await bob.refresh()).status).toBe(200);
    expect((await session.refresh()).status).toBe(429);
  });
});
