import { type DevAuth0Options, startDevAuth0 } from "dev-auth0";
import { describe, expect, it, onTestFinished } from "vitest";
import { startInProcessReplicas } from "./support/in-process.ts";

async function start(options: DevAuth0Options = {}) {
  const auth0 = await startDevAuth0(options);
  onTestFinished(() => auth0.close());
  const running = await startInProcessReplicas({ auth0 });
  const [one, other] = running.replicas;
  if (one === undefined || other === undefined) {
    throw new Error("There are two replicas.");
  }
  return { auth0, ...running, one, other };
}

describe("two replicas that share nothing but their environment", () => {
  it("give one login to a code that comes to both at once", async () => {
    const { one, other, getCode } = await start();
    const { form } = await getCode();
    const answers = await Promise.all(
      [one, other].map(({ origin }) => fetch(`${origin}/token`, { method: "POST", body: new URLSearchParams(form) })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it("both answer a client that refreshes twice at once, with the leeway of 60 s that the guide asks for", async () => {
    const { one, other, call, getSession } = await start({ refresh: { leeway: 60 } });
    const session = await getSession();
    const answers = await Promise.all([session.refresh(one.origin), session.refresh(other.origin)]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      const { access_token } = (await answer.json()) as Record<string, string>;
      expect((await call(access_token)).status).toBe(200);
    }
  });

  it("send a client that refreshes twice at once to log in again, where the provider has no leeway", async () => {
    const { one, other, getSession } = await start({ refresh: { leeway: 0 } });
    const session = await getSession();
    const answers = await Promise.all([session.refresh(one.origin), session.refresh(other.origin)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    const refused = answers.find(({ status }) => status === 400);
    expect(await refused?.json()).toMatchObject({ error: "invalid_grant" });
  });

  it("end a revoked session for good: at once where it was revoked, elsewhere with its access token", async () => {
    const { one, other, getSession } = await start();
    const session = await getSession();
    expect((await session.revoke(session.refreshToken, one.origin)).status).toBe(200);
    expect((await one.call(session.accessToken)).status).toBe(401);
    expect((await other.call(session.accessToken)).status).toBe(200);
    const refreshed = await session.refresh(other.origin);
    expect(refreshed.status).toBe(400);
    expect(await refreshed.json()).toMatchObject({ error: "invalid_grant" });
  });
});

describe("a change of the signing key", () => {
  const KEY = "FASTMCP_SERVER_AUTH_AUTH0_JWT_SIGNING_KEY";
  const OLD = "the-old-signing-key-of-32-characters-or-more";
  const NEW = "the-new-signing-key-of-32-characters-or-more";

  /** Replicas of one server at every stage of the change. */
  async function startStages() {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    const stages = {
      before: { [KEY]: OLD },
      announced: { [KEY]: OLD, [`${KEY}_PREVIOUS`]: NEW },
      changed: { [KEY]: NEW, [`${KEY}_PREVIOUS`]: OLD },
      after: { [KEY]: NEW },
    };
    const running = await startInProcessReplicas({ auth0, each: Object.values(stages).map((env) => ({ env })) });
    const names = Object.keys(stages);
    return { ...running, serveFrom: (stage: keyof typeof stages) => running.sendTo(names.indexOf(stage)) };
  }

  it("takes sessions along, in both directions while replicas of two stages run side by side", async () => {
    const { serveFrom, call, getSession } = await startStages();
    serveFrom("before");
    const session = await getSession();
    serveFrom("announced");
    expect((await call(session.accessToken)).status).toBe(200);
    serveFrom("changed");
    expect((await call(session.accessToken)).status).toBe(200);
    const renewed = await session.renewed(await session.refresh());
    serveFrom("announced");
    expect((await call(renewed.accessToken)).status).toBe(200);
    const again = await renewed.renewed(await renewed.refresh());
    serveFrom("changed");
    expect((await call(again.accessToken)).status).toBe(200);
  });

  it("finishes a login that began under the old key", async () => {
    const { serveFrom, call, getCode } = await startStages();
    serveFrom("announced");
    const { exchange } = await getCode();
    serveFrom("changed");
    const answer = await exchange();
    expect(answer.status).toBe(200);
    const { access_token } = (await answer.json()) as Record<string, string>;
    expect((await call(access_token)).status).toBe(200);
  });

  it("makes clients of the old key register and log in again, once that is no longer accepted", async () => {
    const { serveFrom, call, getSession } = await startStages();
    serveFrom("before");
    const session = await getSession();
    serveFrom("after");
    expect((await call(session.accessToken)).status).toBe(401);
    const refused = await session.refresh();
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: "invalid_client" });
    expect((await call((await getSession()).accessToken)).status).toBe(200);
  });
});
