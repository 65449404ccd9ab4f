import { describe, expect, it } from "vitest";
import { formOf, locationOf, logInAtProvider, McpClient, REDIRECT_URI, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();

async function pageOf(client: McpClient, overrides: Record<string, string> = {}): Promise<string> {
  return (await new TestBrowser().get(client.authorizeUrl(overrides))).text();
}

describe("Security rule 1: consent before every login (GHSA-c2jp-c369-7pvx)", () => {
  it("is asked again in a browser that has approved this very client, and is logged in at the provider", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    await client.authorize(browser);
    const again = await browser.get(client.authorizeUrl());
    expect([again.status, again.headers.get("location")]).toEqual([200, null]);
    const attacker = await McpClient.register(fixture.server, { redirect_uris: ["https://evil.example/cb"] });
    expect((await browser.get(attacker.authorizeUrl({ prompt: "none" }))).status).toBe(200);
    expect(fixture.auth0.requests.filter(({ path }) => path === "/authorize")).toHaveLength(1);
  });

  it("names the client as what it calls itself, where it will be sent, the scopes, the server and the provider", async () => {
    const client = await McpClient.register(fixture.server, {
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
    });
    const page = await pageOf(client, { scope: "weather:read weather:write" });
    expect(page).toContain("calls itself</dt><dd><bdi>Claude</bdi>");
    expect(page).toContain('<dd class="host">claude.ai</dd>');
    expect(page).toContain("https://claude.ai/api/mcp/auth_callback");
    expect(page).toContain("<code>weather:read</code>");
    expect(page).toContain("<code>weather:write</code>");
    expect(page).toContain("Weather");
    expect(page).toContain(`127.0.0.1:${fixture.auth0.port}`);
    expect(page).not.toContain("Check this first");
  });

  it("Security rule 16: shows what every login includes, although the client did not ask for it", async () => {
    const page = await pageOf(await McpClient.register(fixture.server), { scope: "weather:write" });
    expect(page).toContain("<li><code>weather:write</code></li>");
    expect(page).toContain("<li><code>weather:read</code> (always needed by this server)</li>");
  });

  it("warns when the redirect stays on this computer, or opens an app", async () => {
    const local = await McpClient.register(fixture.server);
    expect(await pageOf(local)).toContain("a program on this computer");
    const app = await McpClient.register(fixture.server, { redirect_uris: ["cursor://anysphere/callback"] });
    expect(await pageOf(app)).toContain("any app can claim such links");
  });

  it("escapes everything that comes from the client", async () => {
    const name = `</title><script>alert("1")</script><img src=x onerror='alert(1)'>&`;
    const client = await McpClient.register(fixture.server, {
      client_name: name,
      redirect_uris: ["https://client.example.com/cb?a='onload=alert(1)"],
    });
    const page = await pageOf(client, { state: `"><script>alert(2)</script>` });
    expect(page).not.toMatch(/<script|<img|onerror='|'onload/);
    expect(page).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
    expect(page).toContain("a=&#39;onload=alert(1)");
  });
});

describe("Security rule 2: the consent form is bound to the browser", () => {
  it("by a cookie that is HttpOnly, SameSite=Lax and for the whole host", async () => {
    const client = await McpClient.register(fixture.server);
    const [cookie] = (await fetch(client.authorizeUrl())).headers.getSetCookie();
    expect(cookie).toMatch(/^mcp-browser-[\w-]{12}=[\w-]{22,}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  });

  it("by a __Host- cookie with Secure on https", async () => {
    const client = await McpClient.register(fixture.server);
    fixture.server.restart({ baseUrl: "https://mcp.example.com" });
    const [cookie] = (await fetch(client.authorizeUrl())).headers.getSetCookie();
    expect(cookie).toMatch(
      /^__Host-mcp-browser-[\w-]{12}=[\w-]{22,}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/,
    );
  });

  it("and answers a wrong or missing cookie with the page again, a fresh cookie, and no approval", async () => {
    const client = await McpClient.register(fixture.server);
    const victim = new TestBrowser();
    const form = await client.openConsent(new TestBrowser());
    for (const browser of [victim, new TestBrowser(), victim]) {
      const before = [...browser.cookies.values()];
      const response = await client.answer(browser, form);
      expect([response.status, response.headers.get("location")]).toEqual([403, null]);
      expect([...browser.cookies.keys()].some((name) => name.includes("login"))).toBe(false);
      expect([...browser.cookies.values()]).not.toEqual(before);
      expect(formOf(await response.text())).not.toBe(form);
    }
    const page = await (await client.answer(victim, form)).text();
    expect(locationOf(await client.answer(victim, formOf(page))).port).toBe(String(fixture.auth0.port));
  });

  it("and denies nothing either with a wrong cookie", async () => {
    const client = await McpClient.register(fixture.server);
    const form = await client.openConsent(new TestBrowser());
    expect((await client.answer(new TestBrowser(), form, "deny")).headers.get("location")).toBeNull();
  });

  it("and stays good in two tabs", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const forms = [await client.openConsent(browser), await client.openConsent(browser)];
    for (const form of forms) {
      expect((await client.answer(browser, form)).status).toBe(303);
    }
  });

  it("and runs no script, loads nothing, is kept nowhere and can't be framed", async () => {
    const client = await McpClient.register(fixture.server);
    const { headers } = await fetch(client.authorizeUrl());
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
    const page = await pageOf(client);
    expect(page).not.toMatch(/<script| style=| on\w+=/);
  });

  it.each([
    ["damaged", (form: string) => `${form.slice(0, -4)}AAAA`],
    ["empty", () => ""],
    ["a client id", (_form: string, client: McpClient) => client.id],
  ])("and a form that is %s is refused", async (_what, change) => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    const response = await client.answer(browser, change(form, client));
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  it("and a form is good for 15 minutes", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    fixture.clock.advance(899);
    expect((await client.answer(browser, form)).status).toBe(303);
    fixture.clock.advance(1);
    expect((await client.answer(browser, form)).status).toBe(400);
  });
});

describe("Security rule 4: the redirect policy is checked again when the user answers", () => {
  it("so that a login under way ends with the permission of its redirect URI", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser);
    const callback = await client.reachCallback(browser);
    fixture.server.restart({ allowedClientRedirectUris: [] });
    for (const response of [await client.answer(browser, form), await browser.get(callback)]) {
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    }
  });
});

describe("the user's answer", () => {
  it("leaves a client that opened the login in a popup in touch with it, all the way", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const page = await browser.get(client.authorizeUrl());
    const approved = await client.answer(browser, formOf(await page.clone().text()));
    const callback = await logInAtProvider(browser, locationOf(approved), "alice");
    for (const response of [page, approved, await browser.get(callback)]) {
      expect(response.headers.get("cross-origin-opener-policy")).toBe("unsafe-none");
    }
  });

  it("Deny goes to the client as access_denied, with state and iss", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const redirect = locationOf(await client.answer(browser, await client.openConsent(browser), "deny"));
    expect(redirect.href.startsWith(`${REDIRECT_URI}?`)).toBe(true);
    expect(Object.fromEntries(redirect.searchParams)).toEqual({
      error: "access_denied",
      error_description: "The user refused access.",
      state: "the state",
      iss: fixture.server.options.issuer,
    });
  });

  it("anything else is refused", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const response = await client.answer(browser, await client.openConsent(browser), "maybe");
    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
  });

  it("Allow goes to the provider with a state, a challenge and a nonce of its own, and without resource", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const form = await client.openConsent(browser, { scope: "openid weather:read" });
    const urls = [locationOf(await client.answer(browser, form)), locationOf(await client.answer(browser, form))];
    for (const { searchParams } of urls) {
      expect(searchParams.get("redirect_uri")).toBe(`${fixture.server.address}/auth/callback`);
      expect(searchParams.get("scope")).toBe("openid weather:read offline_access");
      expect(searchParams.get("audience")).toBe(fixture.auth0.audience);
      expect(searchParams.has("resource")).toBe(false);
      expect(searchParams.get("code_challenge")).not.toBe(client.pkce.challenge);
    }
    for (const name of ["state", "nonce", "code_challenge"]) {
      expect(urls[0]?.searchParams.get(name)).toMatch(/^[\w-]{22,}$/);
      expect(urls[0]?.searchParams.get(name)).not.toBe(urls[1]?.searchParams.get(name));
    }
  });
});
