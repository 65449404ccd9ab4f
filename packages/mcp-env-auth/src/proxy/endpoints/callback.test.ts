import { randomBytes } from "node:crypto";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { describe, expect, it } from "vitest";
import { DENIAL_OF_ALL } from "../../store/guard-entry.ts";
import { createMemoryGuardStore } from "../../store/memory-guard-store.ts";
import { locationOf, logInAtProvider, McpClient, REDIRECT_URI, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { lastClientHash } from "../testing/proxy-server.ts";

const fixture = useProxy();

function loginCookies(browser: TestBrowser): string[] {
  return [...browser.cookies.keys()].filter((name) => name.includes("login"));
}

describe("Security rule 3: the login belongs to the browser that approved it (CVE-2026-27124)", () => {
  it("so a callback in another browser gets nothing, and the victim's own is not used up", async () => {
    const client = await McpClient.register(fixture.server);
    const attacker = new TestBrowser();
    const callback = await client.reachCallback(attacker);
    const victim = new TestBrowser();
    const response = await victim.get(callback);
    expect([response.status, response.headers.get("location")]).toEqual([403, null]);
    expect(await response.text()).toContain("not started in this browser");
    expect((await attacker.get(callback)).status).toBe(302);
  });

  it("so a login of the same browser does not answer for another one's state", async () => {
    const client = await McpClient.register(fixture.server);
    const attacker = await client.reachCallback(new TestBrowser());
    const victim = new TestBrowser();
    await client.reachCallback(victim);
    const response = await victim.get(attacker);
    expect([response.status, response.headers.get("location")]).toEqual([403, null]);
  });

  it("so a cookie renamed to another state is refused", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const [name = ""] = loginCookies(browser);
    const forged = "A".repeat(22);
    browser.cookies.set(name.replace(/login-.{22}/, `login-${forged}`), browser.cookies.get(name) ?? "");
    callback.searchParams.set("state", forged);
    expect((await browser.get(callback)).status).toBe(403);
  });

  it("has no cookie before the approval, one after it, and none after the callback", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    expect(loginCookies(browser)).toEqual([]);
    const approved = await client.answer(browser, form);
    expect(loginCookies(browser)).toEqual([expect.stringMatching(/^mcp-login-[\w-]{22}-[\w-]{12}$/)]);
    expect(approved.headers.getSetCookie().join()).toContain("HttpOnly; SameSite=Lax; Max-Age=7200");
    expect(locationOf(approved).searchParams.get("state")).toMatch(/^[\w-]{22}$/);
    await browser.get(await client.reachCallback(browser));
    expect(loginCookies(browser)).toHaveLength(1);
  });

  it("is used once, even by a browser that keeps the cookie", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const kept = new Map(browser.cookies);
    expect((await browser.get(callback)).status).toBe(302);
    for (const [name, value] of kept) {
      browser.cookies.set(name, value);
    }
    const replay = await browser.get(callback);
    expect([replay.status, replay.headers.get("location")]).toEqual([400, null]);
    expect(await replay.text()).toContain("used before");
  });

  it("takes an hour; then the client is told, and the person reads why", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const [soon, late] = [await client.reachCallback(browser), await client.reachCallback(browser)];
    fixture.clock.advance(3599);
    expect(locationOf(await browser.get(soon)).searchParams.has("code")).toBe(true);
    fixture.clock.advance(1);
    const response = await browser.get(late);
    const page = await response.text();
    expect([response.status, page.includes("<h1>Login expired</h1>")]).toEqual([200, true]);
    const [, refresh = ""] = /http-equiv="refresh" content="5;url=([^"]*)"/.exec(page) ?? [];
    const told = new URL(refresh.replaceAll("&amp;", "&"));
    expect(told.href.startsWith(client.redirectUri)).toBe(true);
    expect(Object.fromEntries(told.searchParams)).toMatchObject({ error: "access_denied", state: "the state" });
    expect(told.searchParams.has("code")).toBe(false);
    expect(loginCookies(browser)).toEqual([]);
  });

  it("that expired leads a program to the redirect URI at once, and no client that was blocked meanwhile", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    fixture.clock.advance(3600);
    const answer = await fetch(callback, { headers: { accept: "application/json", cookie }, redirect: "manual" });
    expect(locationOf(answer).searchParams.get("error")).toBe("access_denied");
    fixture.server.restart({ allowedClientRedirectUris: [] });
    const refused = await browser.get(callback);
    expect([refused.status, await refused.text()]).toEqual([400, expect.not.stringContaining(client.redirectUri)]);
  });

  it("is kept for each tab, as long as all cookies of a browser stay under 6 KB; the oldest goes first", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callbacks: URL[] = [];
    const header = () => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ").length;
    for (let count = 0; count < 20; count++) {
      callbacks.push(await client.reachCallback(browser));
      expect(header()).toBeLessThan(6144);
      fixture.clock.advance(1);
    }
    const kept = loginCookies(browser).length;
    expect(kept).toBeGreaterThan(5);
    expect(kept).toBeLessThan(20);
    expect((await browser.get(callbacks[19 - kept] ?? "")).status).toBe(403);
    for (const callback of callbacks.slice(20 - kept)) {
      expect((await browser.get(callback)).status).toBe(302);
    }
  });

  it("waits while there is no room to remember that it was used: 503, and loading the page again goes on", async () => {
    const store = createMemoryGuardStore({ clock: fixture.clock.now, capacities: { login: 1 } });
    fixture.server.restart({ store });
    const client = await McpClient.register(fixture.server);
    await client.authorize();
    fixture.clock.advance(300);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const full = await browser.get(callback);
    expect([full.status, full.headers.get("retry-after"), full.headers.get("location")]).toEqual([503, "1", null]);
    expect(await full.text()).toContain("Try again in a moment");
    expect(loginCookies(browser)).toHaveLength(1);
    fixture.clock.advance(3300);
    expect(locationOf(await browser.get(callback)).searchParams.has("code")).toBe(true);
  });

  it("Security rule 22: is refused with 429 once its address has its share of finished logins", async () => {
    const store = createMemoryGuardStore({ clock: fixture.clock.now, capacities: { login: 20 } });
    fixture.server.restart({ store });
    const client = await McpClient.register(fixture.server);
    const finish = async () => {
      const browser = new TestBrowser();
      return (await browser.get(await client.reachCallback(browser))).status;
    };
    expect([await finish(), await finish(), await finish()]).toEqual([302, 302, 429]);
    fixture.clock.advance(3601);
    expect(await finish()).toBe(302);
  });

  it("takes no cookie of another server away, though they share a host", async () => {
    const shared = "https://mcp.example.com";
    const browser = new TestBrowser();
    for (const path of ["/a", "/a", "/a", "/b", "/b", "/b", "/b"]) {
      const at = { baseUrl: shared + path, issuer: shared + path, resource: `${shared}${path}/mcp` };
      const client = await McpClient.register(await fixture.start(at));
      const state = path === "/a" ? "short" : randomBytes(1536).toString("base64url");
      await client.answer(browser, await client.openConsent(browser, { state }));
      fixture.clock.advance(1);
    }
    // Two of the long ones fit.
    expect(loginCookies(browser)).toHaveLength(5);
  });

  it("leaves a cookie alone that does not open: it may be another server's, and it ends by itself", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    await client.reachCallback(browser);
    const [own = ""] = loginCookies(browser);
    const foreign = own.replace(/login-.{22}/, `login-${"A".repeat(22)}`);
    browser.cookies.set(foreign, "a.b.c.d.e");
    await client.reachCallback(browser);
    expect(loginCookies(browser)).toContain(foreign);
  });

  it("is refused without a state, and with two", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const without = new URL(callback);
    without.searchParams.delete("state");
    expect((await browser.get(without)).status).toBe(400);
    callback.searchParams.append("state", "another");
    expect((await browser.get(callback)).status).toBe(400);
  });
});

describe("Security rule 1: a login that the provider refuses for its scopes", () => {
  const scope = "weather:read weather:write openid";

  /** A browser on its way back from a provider that refuses the scopes. */
  async function refused() {
    fixture.auth0.misbehave({ authorize: { error: "invalid_scope", description: "Unknown scope: weather:write" } });
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser, "alice", { scope });
    return { client, browser, callback };
  }

  it("is repeated once, with the required ones, under a new state in the same browser", async () => {
    const { client, browser, callback } = await refused();
    const before = loginCookies(browser);
    const again = locationOf(await browser.get(callback));
    expect(`${again.origin}${again.pathname}`).toBe(`http://127.0.0.1:${fixture.auth0.port}/authorize`);
    expect(again.searchParams.get("scope")).toBe("weather:read offline_access");
    const state = again.searchParams.get("state") ?? "";
    expect(state).toMatch(/^[\w-]{22}$/);
    expect(state).not.toBe(callback.searchParams.get("state"));
    expect(before).toHaveLength(1);
    expect(loginCookies(browser)).toEqual([before[0]?.replace(/login-.{22}/, `login-${state}`)]);
    expect(fixture.server.log.at(-1)).toMatchObject({
      level: "warn",
      fields: { event: "login-repeated", withheld: ["weather:write", "openid"] },
      message: expect.stringContaining("Unknown scope: weather:write"),
    });

    await fixture.auth0.restore();
    const returned = locationOf(await browser.get(await logInAtProvider(browser, again, "alice")));
    expect(returned.searchParams.get("state")).toBe("the state");
    const { body } = await client.redeem(returned.searchParams.get("code") ?? "");
    expect(body.scope).toBe("weather:read");
    const refreshed = await client.refresh(body.refresh_token ?? "");
    for (const access of [body.access_token, refreshed.body.access_token]) {
      const token = await fixture.server.proxy.verifier.verify(access ?? "");
      expect([token.scopes, token.withheldScopes]).toEqual([["weather:read"], ["weather:write", "openid"]]);
    }
  });

  it("is not repeated a second time: the client gets the error", async () => {
    const { browser, callback } = await refused();
    const again = await logInAtProvider(browser, locationOf(await browser.get(callback)), "alice");
    const answer = locationOf(await browser.get(again));
    expect(answer.href.startsWith(REDIRECT_URI)).toBe(true);
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({ error: "invalid_scope", state: "the state" });
    expect(loginCookies(browser)).toEqual([]);
  });

  it("is not repeated in another browser, nor by the same answer again, nor with another login's cookie", async () => {
    const { client, browser, callback } = await refused();
    const stranger = await new TestBrowser().get(callback);
    expect([stranger.status, stranger.headers.get("location")]).toEqual([403, null]);
    const cookies = new Map(browser.cookies);
    const again = locationOf(await browser.get(callback));
    const used = await browser.get(callback);
    expect([used.status, used.headers.get("location")]).toEqual([403, null]);
    // A browser that kept the first cookie.
    for (const [name, value] of cookies) {
      browser.cookies.set(name, value);
    }
    const kept = await browser.get(callback);
    expect([kept.status, kept.headers.get("location")]).toEqual([400, null]);
    const other = await client.reachCallback(new TestBrowser(), "alice", { scope });
    other.searchParams.set("state", again.searchParams.get("state") ?? "");
    expect((await new TestBrowser().get(other)).status).toBe(403);
  });

  it("is repeated no later than the approval holds", async () => {
    const { browser, callback } = await refused();
    fixture.clock.advance(3595);
    const again = locationOf(await browser.get(callback));
    await fixture.auth0.restore();
    const late = await logInAtProvider(browser, again, "alice");
    fixture.clock.advance(10);
    expect(await (await browser.get(late)).text()).toContain("Login expired");
  });

  it.each([
    ["for another reason", "access_denied", {}],
    ["by an answer of another issuer", "invalid_scope", { iss: "https://evil.example/" }],
  ])("is not repeated when it is refused %s", async (_why, error, parameters) => {
    const { browser, callback } = await refused();
    callback.searchParams.set("error", error);
    for (const [name, value] of Object.entries(parameters)) {
      callback.searchParams.set(name, value);
    }
    expect(locationOf(await browser.get(callback)).href.startsWith(REDIRECT_URI)).toBe(true);
  });

  it("is not repeated for a client that was blocked meanwhile", async () => {
    const { browser, callback } = await refused();
    const asked = fixture.auth0.requests.length;
    await fixture.server.options.store.set("deny-client", lastClientHash(fixture.server), DENIAL_OF_ALL, 60);
    const answer = await browser.get(callback);
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
    expect(fixture.auth0.requests).toHaveLength(asked);
  });

  it("keeps the logins of other tabs", async () => {
    const { client, browser, callback } = await refused();
    await client.reachCallback(browser);
    await client.reachCallback(browser);
    const others = loginCookies(browser).filter((name) => !name.includes(callback.searchParams.get("state") ?? "?"));
    await browser.get(callback);
    expect(loginCookies(browser)).toEqual(expect.arrayContaining(others));
    expect(loginCookies(browser)).toHaveLength(3);
  });
});

describe("Security rule 6: the provider's errors go to the client's redirect, with state and iss", () => {
  it.each([
    ["access_denied", "access_denied"],
    ["login_required", "access_denied"],
    ["unauthorized", "access_denied"],
    ["temporarily_unavailable", "temporarily_unavailable"],
    ["invalid_scope", "invalid_scope"],
    ["unauthorized_client", "server_error"],
    ["made_up", "server_error"],
    ["constructor", "server_error"],
  ])("%s becomes %s", async (providerError, error) => {
    fixture.auth0.misbehave({ authorize: { error: providerError, description: 'Because "so"\r\nX: y \u00e4' } });
    const client = await McpClient.register(fixture.server);
    const redirect = await client.authorize();
    expect(redirect.href.startsWith(`${REDIRECT_URI}?`)).toBe(true);
    expect(Object.fromEntries(redirect.searchParams)).toEqual({
      error,
      error_description: `The identity provider refused the login (${providerError}: Because 'so' X: y  )`,
      state: "the state",
      iss: fixture.server.options.issuer,
    });
    expect(fixture.server.log.at(-1)).toMatchObject({ level: "warn", fields: { event: "login-failed" } });
  });

  it("and the log names the variables to check when the request was wrong", async () => {
    fixture.auth0.misbehave({ authorize: { error: "invalid_request", description: "Service not found" } });
    const client = await McpClient.register(fixture.server);
    await client.authorize();
    expect(fixture.server.log.at(-1)?.message).toContain("FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE");
  });

  it("and a missing or overlong code is an error too", async () => {
    const client = await McpClient.register(fixture.server);
    for (const code of ["", "x".repeat(5000)]) {
      const browser = new TestBrowser();
      const callback = await client.reachCallback(browser);
      callback.searchParams.set("code", code);
      expect(locationOf(await browser.get(callback)).searchParams.get("error")).toBe("server_error");
    }
  });
});

describe("Security rule 6: what the provider says reaches the operator, also where it reaches no client", () => {
  const unread = () => {
    const line = fixture.server.log.findLast(({ fields }) => fields.event === "login-failed");
    expect(line?.level).toBe("warn");
    return line?.message ?? "";
  };
  const send = (parameters: Record<string, string>, browser = new TestBrowser()) => {
    const url = new URL(`${fixture.server.address}/auth/callback`);
    url.search = new URLSearchParams(parameters).toString();
    return browser.get(url);
  };

  it.each([
    ["without a state", {}, 400],
    ["with one that belongs to no login", { state: "A".repeat(22) }, 403],
    ["with one that is none of ours", { state: "x" }, 403],
  ])("an error %s", async (_how, parameters, status) => {
    const response = await send({ error: "unauthorized", error_description: "user is blocked", ...parameters });
    expect(response.status).toBe(status);
    expect(unread()).toContain("It says: unauthorized: user is blocked.");
    expect(await response.text()).not.toContain("user is blocked");
  });

  it("an error of a login that is not known, without e-mail addresses: one may be the login_hint", async () => {
    for (const address of ["alice@example.com", "alice%40example.com", "a.b+c@sub.example.co"]) {
      await send({ error: "access_denied", error_description: `User <${address}> is blocked`, state: "A".repeat(22) });
      expect(unread()).toContain("It says: access_denied: User <(address)> is blocked.");
    }
  });

  it("an error of a login that has expired, and one of a login that was used", async () => {
    const client = await McpClient.register(fixture.server);
    for (const [status, spoil] of [
      [200, async () => fixture.clock.advance(3590)],
      [400, async (url: URL, browser: TestBrowser) => browser.get(url)],
    ] as const) {
      const browser = new TestBrowser();
      const callback = await client.reachCallback(browser);
      const cookies = new Map(browser.cookies);
      await spoil(callback, browser);
      for (const [name, value] of cookies) {
        browser.cookies.set(name, value);
      }
      fixture.clock.advance(9);
      callback.searchParams.delete("code");
      callback.searchParams.set("error", "a_reason_of_its_own");
      fixture.clock.advance(2);
      expect((await browser.get(callback)).status).toBe(status);
      expect(unread()).toContain("It says: a_reason_of_its_own.");
    }
  });

  it("an error that comes twice, or with another issuer", async () => {
    const client = await McpClient.register(fixture.server);
    for (const change of [
      (callback: URL) => callback.searchParams.append("error", "second"),
      (callback: URL) => callback.searchParams.set("iss", "https://evil.example/\u202e"),
    ]) {
      const browser = new TestBrowser();
      const callback = await client.reachCallback(browser);
      callback.searchParams.set("error", "the_first");
      change(callback);
      await browser.get(callback);
      expect(unread()).toMatch(/It says: the_first\.$/);
      expect(unread()).not.toContain("\u202e");
    }
    expect(unread()).toContain("It names the issuer https://evil.example/, expected");
  });

  it("in characters that can be seen, of bounded length, without what the answer's other parameters hold", async () => {
    const code = "the-code-of-somebody";
    await send({ code, error: "a\r\nb\u001b[2J", error_description: `about ${code} ${"x".repeat(5000)}\u0000` });
    expect(unread()).toMatch(/It says: a b \[2J: about \[removed\] x+\u2026\.$/);
    expect(unread().length).toBeLessThan(500);
  });

  it("nothing of an answer that reports no error", async () => {
    const failures = () => fixture.server.log.filter(({ fields }) => fields.event === "login-failed").length;
    const before = failures();
    expect((await send({ code: "a" })).status).toBe(400);
    expect((await send({ code: "a", state: "A".repeat(22) })).status).toBe(403);
    expect(failures()).toBe(before);
  });

  it("an error that is not known, in full, with what can be checked", async () => {
    fixture.auth0.misbehave({ authorize: { error: "made_up", description: "Zug\u00e4nge" } });
    const client = await McpClient.register(fixture.server);
    await client.authorize();
    expect(unread()).toContain("refused the login (made_up: Zug\u00e4nge). The provider gives no other reason");
  });
});

describe("Security rule 5: an answer of another issuer is a mix-up", () => {
  async function withIssuer(change: (callback: URL) => void, auth0?: DevAuth0): Promise<URL> {
    const server = await fixture.start({}, auth0);
    const client = await McpClient.register(server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    change(callback);
    return locationOf(await browser.get(callback));
  }

  it("so a wrong iss gives no code", async () => {
    const redirect = await withIssuer((callback) => callback.searchParams.set("iss", "https://evil.example/"));
    expect(redirect.searchParams.get("error")).toBe("server_error");
    expect(redirect.searchParams.has("code")).toBe(false);
  });

  it("so an iss that came twice, of which one is right, gives no code", async () => {
    const redirect = await withIssuer((callback) => {
      callback.searchParams.set("iss", fixture.auth0.issuer);
      callback.searchParams.append("iss", "https://evil.example/");
    });
    expect([redirect.searchParams.get("error"), redirect.searchParams.has("code")]).toEqual(["server_error", false]);
  });

  it("so a missing iss gives no code, where the provider says that it sends one", async () => {
    const auth0 = await startDevAuth0({ clock: fixture.clock.now, sendIssuer: true });
    try {
      const without = await withIssuer((callback) => callback.searchParams.delete("iss"), auth0);
      expect(without.searchParams.get("error")).toBe("server_error");
      const as = await withIssuer((callback) => expect(callback.searchParams.get("iss")).toBe(auth0.issuer), auth0);
      expect(as.searchParams.has("code")).toBe(true);
    } finally {
      await auth0.close();
    }
  });
});
