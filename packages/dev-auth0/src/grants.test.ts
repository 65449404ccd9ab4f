import { afterEach, describe, expect, test } from "vitest";
import { type DevAuth0, type DevAuth0Options, startDevAuth0 } from "./index.ts";
import { authorizeUrl, Browser, CALLBACK, locationOf, logIn, refresh } from "./testing/browser.ts";

let auth0: DevAuth0;

afterEach(() => auth0.close());

async function start(options: DevAuth0Options = {}): Promise<void> {
  auth0 = await startDevAuth0(options);
}

async function firstToken(username: string): Promise<string> {
  return (await logIn(auth0, username)).body.refresh_token;
}

async function works(refreshToken: string): Promise<boolean> {
  return (await refresh(auth0, refreshToken)).status === 200;
}

async function revoke(token: string): Promise<void> {
  const body = new URLSearchParams({ client_id: auth0.clientId, client_secret: auth0.clientSecret, token });
  await fetch(`${auth0.issuer}oauth/revoke`, { method: "POST", body });
}

describe("the limit of refresh tokens", () => {
  test("is 200 for a user and an application, and ends the oldest", async () => {
    await start({ refresh: { rotation: false } });
    const [oldest = "", second = ""] = [await firstToken("alice"), await firstToken("alice")];
    const bob = await firstToken("bob");
    for (let login = 3; login <= 200; login++) {
      await firstToken("alice");
    }
    expect(await works(oldest)).toBe(true);
    await firstToken("alice");
    expect(await works(oldest)).toBe(false);
    expect(await works(second)).toBe(true);
    expect(await works(bob)).toBe(true);
  });

  test("counts active ones only", async () => {
    await start({ refresh: { limit: 2, rotation: false } });
    const first = await firstToken("alice");
    await revoke(await firstToken("alice"));
    await firstToken("alice");
    expect(await works(first)).toBe(true);
    await firstToken("alice");
    expect(await works(first)).toBe(false);
  });
});

describe("a revocation", () => {
  test("ends one login, and leaves the user's others", async () => {
    await start();
    const [one, other] = [await firstToken("alice"), await firstToken("alice")];
    await revoke(one);
    expect([await works(one), await works(other)]).toEqual([false, true]);
  });

  test("ends all of the user's where it deletes the grant", async () => {
    await start({ refresh: { revocationDeletesGrant: true } });
    const [one, other, bob] = [await firstToken("alice"), await firstToken("alice"), await firstToken("bob")];
    await revoke(one);
    expect([await works(one), await works(other), await works(bob)]).toEqual([false, false, true]);
  });

  test("of a user's grants by an administrator ends them, and what they consented to", async () => {
    await start({
      applications: [
        { clientId: "one", clientSecret: "secret", type: "regular_web", firstParty: false, securityMode: "permissive" },
      ],
    });
    const browser = new Browser();
    const consents = async () => {
      const page = await browser.logIn(authorizeUrl(auth0), "alice");
      if (page.pathname !== "/u/consent") {
        return false;
      }
      const state = page.searchParams.get("state") ?? "";
      locationOf(await browser.post(page, { state, action: "accept" }), page);
      return true;
    };
    expect([await consents(), await consents()]).toEqual([true, false]);
    auth0.revokeGrants("alice", "another");
    expect(await consents()).toBe(false);
    auth0.revokeGrants("alice", "one");
    expect(await consents()).toBe(true);
    auth0.revokeGrants("alice");
    expect(await consents()).toBe(true);
    expect(() => auth0.revokeGrants("nobody")).toThrow("nobody");
  });

  test("of grants ends refresh tokens", async () => {
    await start();
    const [alice, bob] = [await firstToken("alice"), await firstToken("bob")];
    auth0.revokeGrants("alice");
    expect([await works(alice), await works(bob)]).toEqual([false, true]);
  });
});

describe("the confirmation of logins on this machine", () => {
  test("is shown at every login, also for a first-party application", async () => {
    await start({ confirmCallbacks: true });
    const browser = new Browser();
    for (let login = 1; login <= 2; login++) {
      const page = await browser.logIn(authorizeUrl(auth0), "alice");
      expect(page.pathname).toBe("/u/consent");
      const state = page.searchParams.get("state") ?? "";
      const callback = locationOf(await browser.post(page, { state, action: "accept" }), page);
      expect(callback.href).toContain(CALLBACK);
    }
  });

  test("refuses prompt=none", async () => {
    await start({ confirmCallbacks: true });
    const browser = new Browser();
    await browser.logIn(authorizeUrl(auth0), "alice");
    const callback = await browser.logIn(authorizeUrl(auth0, { prompt: "none" }), "alice");
    expect(callback.searchParams.get("error")).toBe("consent_required");
  });

  test.each([
    ["https://mcp.example.com/auth/callback", false],
    ["https://localhost:8443/auth/callback", true],
    ["com.example.app://callback", true],
  ])("%s: %s", async (callback, isShown) => {
    await start({
      confirmCallbacks: true,
      applications: [{ clientId: "app", clientSecret: "secret", type: "regular_web", callbacks: [callback] }],
    });
    const page = await new Browser().logIn(authorizeUrl(auth0, { redirect_uri: callback }), "alice");
    expect(page.pathname === "/u/consent").toBe(isShown);
  });
});
