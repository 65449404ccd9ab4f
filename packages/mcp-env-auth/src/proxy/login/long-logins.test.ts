import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { locationOf, McpClient, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();

/** What browsers keep of one cookie, and what all of ours may take of the header. */
const COOKIE_LIMIT = 4096;
const HEADER_LIMIT = 6144;

const LONG_STATE = randomBytes(1536).toString("base64url");
const LONG_URI = `https://client.example.com/${randomBytes(340).toString("base64url")}`;
const SCOPES = ["weather:read", ...Array.from({ length: 100 }, (_, n) => `weather:stations:${n}:read`)];

function cookieHeader(browser: TestBrowser): string {
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}

describe("a login with a state of 2,048 characters", () => {
  it("and all scopes that the server advertises comes back as it was", async () => {
    fixture.server.restart({ scopesSupported: SCOPES });
    const client = await McpClient.register(fixture.server, { redirect_uris: [LONG_URI] });
    const browser = new TestBrowser();
    const overrides = { state: LONG_STATE, scope: SCOPES.join(" ") };
    expect([LONG_STATE.length, overrides.scope.length > 2000]).toEqual([2048, true]);
    const callback = await client.reachCallback(browser, "alice", overrides);
    for (const [name, value] of browser.cookies) {
      expect(name.length + value.length).toBeLessThan(COOKIE_LIMIT);
    }
    expect(cookieHeader(browser).length).toBeLessThan(HEADER_LIMIT);
    const redirect = locationOf(await browser.get(callback));
    expect(redirect.searchParams.get("state")).toBe(LONG_STATE);
    const { status } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect(status).toBe(200);
    // Nothing of the login stays in the browser, however many cookies it took.
    expect([...browser.cookies.keys()].filter((name) => name.includes("login"))).toEqual([]);
  });

  it("leaves room for others by ending the oldest, in whole", async () => {
    const client = await McpClient.register(fixture.server, { redirect_uris: [LONG_URI] });
    const browser = new TestBrowser();
    const callbacks: URL[] = [];
    for (let count = 0; count < 4; count++) {
      fixture.clock.advance(1);
      callbacks.push(await client.reachCallback(browser, "alice", { state: LONG_STATE }));
      expect(cookieHeader(browser).length).toBeLessThan(HEADER_LIMIT);
    }
    const last = await browser.get(callbacks.at(-1) ?? "");
    expect(locationOf(last).searchParams.get("state")).toBe(LONG_STATE);
    expect((await browser.get(callbacks[0] ?? "")).status).toBe(403);
  });

  it("in two cookies, as versions before wrote it, is nothing without both", async () => {
    const client = await McpClient.register(fixture.server, { redirect_uris: [LONG_URI] });
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser, "alice", { state: LONG_STATE });
    const [first = ""] = [...browser.cookies.keys()].filter((name) => name.includes("login"));
    const whole = browser.cookies.get(first) ?? "";
    const second = first.replace(/-[\w-]{12}$/, (suffix) => `.1${suffix}`);
    browser.cookies.set(first, whole.slice(0, 1800)).set(second, whole.slice(1800));
    for (const missing of [first, second]) {
      const other = new TestBrowser();
      for (const [name, value] of browser.cookies) {
        if (name !== missing) {
          other.cookies.set(name, value);
        }
      }
      expect((await other.get(callback)).status).toBe(403);
    }
    expect(locationOf(await browser.get(callback)).searchParams.get("state")).toBe(LONG_STATE);
    expect([...browser.cookies.keys()].filter((name) => name.includes("login"))).toEqual([]);
  });
});
