import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { authorizeUrl, Browser, CALLBACK, locationOf } from "./testing/browser.ts";

let now = 1_800_000_000;
let auth0: DevAuth0;

beforeAll(async () => {
  auth0 = await startDevAuth0({
    clock: () => now,
    users: [
      { username: "alice", permissions: ["weather:read", "weather:write"] },
      { username: "mallory", name: `<img src=x onerror="alert('1')">&`, permissions: [] },
      { username: "blocked", permissions: [], blocked: true },
    ],
    applications: [
      { clientId: "first", clientSecret: "secret", type: "regular_web", name: "<b>First</b>" },
      {
        clientId: "third",
        clientSecret: "secret",
        type: "regular_web",
        name: "Third",
        firstParty: false,
        securityMode: "permissive",
      },
    ],
  });
});

afterAll(() => auth0.close());

async function openLoginPage(browser: Browser, overrides: Record<string, string> = {}) {
  const url = authorizeUrl(auth0, overrides);
  const page = locationOf(await browser.get(url), url);
  return { page, state: page.searchParams.get("state") ?? "" };
}

function fields(url: URL): Record<string, string> {
  return Object.fromEntries(url.searchParams);
}

describe("the login page", () => {
  test("is one form: the hidden state, a button for each user, a way out", async () => {
    const browser = new Browser();
    const { page, state } = await openLoginPage(browser);
    const text = await (await browser.get(page)).text();
    expect(text).toContain('<form method="post" action="/u/login">');
    expect(text).toContain(`<input type="hidden" name="state" value="${state}">`);
    expect(text).toContain('<button name="username" value="alice">');
    expect(text).toContain("weather:read, weather:write");
    expect(text).toContain('<button class="plain" name="action" value="deny">');
  });

  test("escapes names of applications and users", async () => {
    const browser = new Browser();
    const { page } = await openLoginPage(browser);
    const text = await (await browser.get(page)).text();
    expect(text).toContain("&lt;b&gt;First&lt;/b&gt;");
    expect(text).toContain("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;");
    expect(text).not.toContain("<img");
  });

  test("allows no script, no frame, no cache, and only its own style", async () => {
    const browser = new Browser();
    const { page } = await openLoginPage(browser);
    const { headers } = await browser.get(page);
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-powered-by")).toBeNull();
  });

  test("puts the user of login_hint forward", async () => {
    const browser = new Browser();
    const { page } = await openLoginPage(browser, { login_hint: "alice@example.com" });
    const text = await (await browser.get(page)).text();
    expect(text).toContain('<button name="username" value="alice" class="main" autofocus>');
    expect(text).toContain('<button name="username" value="mallory">');
  });

  test("lets the user cancel: access_denied goes to the callback URL", async () => {
    const browser = new Browser();
    const { page, state } = await openLoginPage(browser);
    const location = locationOf(await browser.post(page, { state, action: "deny" }), page);
    expect(fields(location)).toEqual({
      error: "access_denied",
      error_description: "User did not authorize the request",
      state: "the state",
    });
  });

  test("answers a user that it does not know with a page, and the login can go on", async () => {
    const browser = new Browser();
    const { page, state } = await openLoginPage(browser);
    const response = await browser.post(page, { state, username: "<nobody>" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("there is no such user");
    expect(fields(locationOf(await browser.post(page, { state, username: "alice" }), page))).toHaveProperty("code");
  });

  test("lets no blocked user in", async () => {
    const browser = new Browser();
    const { page, state } = await openLoginPage(browser);
    const location = locationOf(await browser.post(page, { state, username: "blocked" }), page);
    expect(fields(location)).toMatchObject({ error: "unauthorized", error_description: "user is blocked" });
  });

  test.each([
    ["a second time", (state: string) => state, 0],
    ["after an hour", (state: string) => state, 3600],
    ["with a state of someone's own making", () => "made-up", 0],
  ])("takes no answer %s", async (name, toState, wait) => {
    const browser = new Browser();
    const { page, state } = await openLoginPage(browser);
    if (name === "a second time") {
      await browser.post(page, { state, username: "alice" });
    }
    now += wait;
    const response = await browser.post(page, { state: toState(state), username: "alice" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("This login has ended or was never begun here.");
  });
});

describe("the consent page", () => {
  async function openConsentPage(browser: Browser, username: string, overrides: Record<string, string> = {}) {
    const url = authorizeUrl(auth0, { client_id: "third", ...overrides });
    const page = await browser.logIn(url, username);
    return { page, state: page.searchParams.get("state") ?? "" };
  }

  test("is not shown for a first-party application", async () => {
    const location = await new Browser().logIn(authorizeUrl(auth0), "alice");
    expect(location.searchParams.has("code")).toBe(true);
  });

  test("names a third-party application, what it would get and where that would go", async () => {
    const browser = new Browser();
    const { page } = await openConsentPage(browser, "alice", { scope: "openid weather:read admin:all" });
    expect(page.pathname).toBe("/u/consent");
    const text = await (await browser.get(page)).text();
    expect(text).toContain("<strong>Third</strong>");
    expect(text).toContain("<code>weather:read</code>");
    expect(text).not.toContain("admin:all");
    expect(text).toContain(CALLBACK);
  });

  test("is asked once for the same scopes, again for more, and each time with prompt=consent", async () => {
    const browser = new Browser();
    const scope = "openid weather:read";
    const { page, state } = await openConsentPage(browser, "alice", { scope });
    const accepted = locationOf(await browser.post(page, { state, action: "accept" }), page);
    expect(accepted.searchParams.has("code")).toBe(true);

    const again = authorizeUrl(auth0, { client_id: "third", scope, prompt: "none" });
    expect(locationOf(await browser.get(again), again).searchParams.has("code")).toBe(true);
    const more = authorizeUrl(auth0, { client_id: "third", scope: `${scope} weather:write` });
    expect(locationOf(await browser.get(more), more).pathname).toBe("/u/consent");
    const silent = authorizeUrl(auth0, { client_id: "third", scope: `${scope} weather:write`, prompt: "none" });
    expect(fields(locationOf(await browser.get(silent), silent))).toMatchObject({ error: "consent_required" });
    const forced = authorizeUrl(auth0, { client_id: "third", scope, prompt: "consent" });
    expect(locationOf(await browser.get(forced), forced).pathname).toBe("/u/consent");
  });

  test("sends access_denied to the callback URL when it is declined", async () => {
    const browser = new Browser();
    const { page, state } = await openConsentPage(browser, "mallory");
    const location = locationOf(await browser.post(page, { state, action: "deny" }), page);
    expect(fields(location)).toMatchObject({ error: "access_denied", state: "the state" });
  });

  test("takes no answer from another browser", async () => {
    const { page, state } = await openConsentPage(new Browser(), "mallory");
    expect((await new Browser().post(page, { state, action: "accept" })).status).toBe(400);
    const other = new Browser();
    await other.logIn(authorizeUrl(auth0), "mallory");
    expect((await other.post(page, { state, action: "accept" })).status).toBe(400);
  });
});
