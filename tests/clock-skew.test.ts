import { startDevAuth0 } from "dev-auth0";
import { describe, expect, it, onTestFinished } from "vitest";
import { startInProcess, startInProcessReplicas, until } from "./support/in-process.ts";

const MINUTE = 60;

const clockAhead = (seconds: number) => () => Date.now() / 1000 + seconds;

describe("a clock that is a minute off", () => {
  it.each([
    { where: "the provider's, ahead", skew: MINUTE },
    { where: "the provider's, behind", skew: -MINUTE },
  ])("($where) disturbs neither login, calls, refresh nor revocation", async ({ skew }) => {
    const auth0 = await startDevAuth0({ clock: clockAhead(skew) });
    onTestFinished(() => auth0.close());
    const server = await startInProcess({ auth0 });
    await until(async () => (await fetch(`${server.origin}/readyz`)).ok);
    const session = await server.getSession();
    expect((await server.call(session.accessToken)).status).toBe(200);
    const refreshed = await session.refresh();
    expect(refreshed.status).toBe(200);
    const { access_token } = (await refreshed.json()) as Record<string, string>;
    expect((await server.call(access_token)).status).toBe(200);
    expect((await session.revoke()).status).toBe(200);
  });

  it.each([
    { where: "one replica's, ahead", skew: MINUTE },
    { where: "one replica's, behind", skew: -MINUTE },
  ])("($where) disturbs no session that goes from one replica to the other", async ({ skew }) => {
    const auth0 = await startDevAuth0();
    onTestFinished(() => auth0.close());
    const { baseUrl, call, getCode, sendTo } = await startInProcessReplicas({
      auth0,
      each: [{}, { clock: clockAhead(skew) }],
    });
    sendTo(0);
    const { form, exchange } = await getCode();
    sendTo(1);
    const exchanged = await exchange();
    expect(exchanged.status).toBe(200);
    const tokens = (await exchanged.json()) as Record<string, string>;
    sendTo(0);
    expect((await call(tokens.access_token)).status).toBe(200);
    const { client_id = "" } = form;
    const refresh = { grant_type: "refresh_token", client_id, refresh_token: tokens.refresh_token ?? "" };
    const answer = await fetch(`${baseUrl}/token`, { method: "POST", body: new URLSearchParams(refresh) });
    const refreshed = (await answer.json()) as Record<string, string>;
    sendTo(1);
    expect((await call(refreshed.access_token)).status).toBe(200);
  });
});
