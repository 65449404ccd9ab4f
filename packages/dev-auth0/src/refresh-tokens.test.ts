import { decodeJwt } from "jose";
import { afterEach, describe, expect, test } from "vitest";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "./index.ts";
import { logIn, refresh, requestToken } from "./testing/browser.ts";

let now = 1_800_000_000;
let auth0: DevAuth0;

afterEach(() => auth0.close());

async function start(options: DevAuth0Options = {}): Promise<void> {
  auth0 = await startDevAuth0({ clock: () => now, ...options });
}

async function firstToken(username = "alice"): Promise<string> {
  return (await logIn(auth0, username)).body.refresh_token;
}

const REFUSED = {
  status: 403,
  body: { error: "invalid_grant", error_description: "Unknown or invalid refresh token." },
};

describe("a refresh token with rotation", () => {
  test("gives a new one, and tokens that are like the first", async () => {
    await start();
    const { body: first } = await logIn(auth0, "bob", { nonce: "the nonce" });
    now += 30;
    const { body } = await refresh(auth0, first.refresh_token);
    expect(body.refresh_token).not.toBe(first.refresh_token);
    const { iat, exp, jti, ...claims } = decodeJwt(first.access_token);
    expect(decodeJwt(body.access_token)).toEqual({
      ...claims,
      iat: now,
      exp: now + 86_400,
      jti: expect.not.stringMatching(String(jti)),
    });
    expect(decodeJwt(body.id_token)).toMatchObject({ sub: "auth0|bob", auth_time: now - 30 });
    expect(decodeJwt(body.id_token)).not.toHaveProperty("nonce");
  });

  test("still works within the leeway, so that two refreshes at once both succeed", async () => {
    await start({ refresh: { leeway: 60 } });
    const token = await firstToken();
    const [one, two] = await Promise.all([refresh(auth0, token), refresh(auth0, token)]);
    expect([one.status, two.status]).toEqual([200, 200]);
    now += 59;
    expect((await refresh(auth0, token)).status).toBe(200);
    expect((await refresh(auth0, one.body.refresh_token)).status).toBe(200);
    expect((await refresh(auth0, two.body.refresh_token)).status).toBe(200);
  });

  test("ends all of the user's logins at the application when it is reused, where it is set so", async () => {
    await start({ refresh: { leeway: 0, reuseDeletesGrant: true } });
    const [token, other, bobs] = [await firstToken(), await firstToken(), await firstToken("bob")];
    await refresh(auth0, token);
    expect(await refresh(auth0, token)).toEqual(REFUSED);
    expect(await refresh(auth0, other)).toEqual(REFUSED);
    expect((await refresh(auth0, bobs)).status).toBe(200);
  });

  test("ends its whole family when it is used after the leeway", async () => {
    await start({ refresh: { leeway: 60 } });
    const token = await firstToken();
    const { body } = await refresh(auth0, token);
    now += 60;
    expect(await refresh(auth0, token)).toEqual(REFUSED);
    expect(await refresh(auth0, body.refresh_token)).toEqual(REFUSED);
  });

  test("has its leeway from the first use on, not from the last", async () => {
    await start({ refresh: { leeway: 60 } });
    const token = await firstToken();
    await refresh(auth0, token);
    now += 59;
    expect((await refresh(auth0, token)).status).toBe(200);
    now += 1;
    expect(await refresh(auth0, token)).toEqual(REFUSED);
  });

  test("leaves other families alone when it ends its own", async () => {
    await start({ refresh: { leeway: 0 } });
    const [token, other] = [await firstToken(), await firstToken()];
    await refresh(auth0, token);
    expect(await refresh(auth0, token)).toEqual(REFUSED);
    expect((await refresh(auth0, other)).status).toBe(200);
  });

  test("ends its family when its successor was used, even within the leeway", async () => {
    await start({ refresh: { leeway: 60 } });
    const token = await firstToken();
    const second = (await refresh(auth0, token)).body.refresh_token;
    const third = (await refresh(auth0, second)).body.refresh_token;
    expect(await refresh(auth0, token)).toEqual(REFUSED);
    expect(await refresh(auth0, third)).toEqual(REFUSED);
  });

  test("works once without a leeway", async () => {
    await start({ refresh: { leeway: 0 } });
    const token = await firstToken();
    expect((await refresh(auth0, token)).status).toBe(200);
    expect(await refresh(auth0, token)).toEqual(REFUSED);
  });

  test("ends at the lifetime of the login, however often it was rotated", async () => {
    await start({ refresh: { lifetime: 100 } });
    const token = await firstToken();
    now += 99;
    const { status, body } = await refresh(auth0, token);
    expect(status).toBe(200);
    now += 1;
    expect(await refresh(auth0, body.refresh_token)).toEqual(REFUSED);
  });
});

describe("a refresh token without rotation", () => {
  test("stays, and no new one comes", async () => {
    await start({ refresh: { rotation: false } });
    const token = await firstToken();
    for (let use = 0; use < 3; use++) {
      const { status, body } = await refresh(auth0, token);
      expect(status).toBe(200);
      expect(body).not.toHaveProperty("refresh_token");
      now += 3600;
    }
  });
});

describe("any refresh token", () => {
  test("is refused when it is unknown", async () => {
    await start();
    expect(await refresh(auth0, "v1.unknown")).toEqual(REFUSED);
  });

  test("is refused to another application, and stays good", async () => {
    await start();
    const token = await firstToken();
    const spa = { client_id: "dev-auth0-spa", client_secret: undefined };
    expect(await refresh(auth0, token, spa)).toEqual(REFUSED);
    expect((await refresh(auth0, token)).status).toBe(200);
  });

  test("gives fewer scopes when asked to, never more", async () => {
    await start();
    const token = (await logIn(auth0, "alice", { scope: "openid offline_access weather:read" })).body.refresh_token;
    const { body } = await refresh(auth0, token, { scope: "weather:read weather:write" });
    expect(body.scope).toBe("weather:read");
    expect(decodeJwt(body.access_token).aud).toBe(auth0.audience);
    expect(body).not.toHaveProperty("id_token");
    const { body: all } = await refresh(auth0, body.refresh_token);
    expect(all.scope).toBe("openid offline_access weather:read");
  });

  test("follows what the user may do now", async () => {
    await start();
    const token = await firstToken();
    auth0.updateUser("alice", { permissions: ["weather:write"] });
    const { body } = await refresh(auth0, token);
    expect(body.scope).toBe("openid profile email offline_access");
    expect(decodeJwt(body.access_token).permissions).toEqual(["weather:write"]);
  });

  test("is refused while the user is blocked", async () => {
    await start();
    const token = await firstToken();
    auth0.updateUser("alice", { blocked: true });
    expect(await refresh(auth0, token)).toMatchObject({ status: 403, body: { error: "invalid_grant" } });
    auth0.updateUser("alice", { blocked: false });
    expect((await refresh(auth0, token)).status).toBe(200);
  });

  test("needs the application's credentials", async () => {
    await start();
    const answer = await requestToken(auth0, {
      grant_type: "refresh_token",
      refresh_token: await firstToken(),
      client_secret: "wrong",
    });
    expect(answer).toMatchObject({ status: 401, body: { error: "access_denied" } });
  });
});
