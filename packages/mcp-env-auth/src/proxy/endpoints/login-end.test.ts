import { describe, expect, it } from "vitest";
import { formOf, locationOf, McpClient, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";

const fixture = useProxy();
const APP = "cursor://anysphere.cursor-mcp/oauth/callback";
const appClient = () => McpClient.register(fixture.server, { redirect_uris: [APP] });

/** The links and the refresh of a page. */
function waysOn(page: string): string[] {
  const found = [...page.matchAll(/<a [^>]*href="([^"]*)"|http-equiv="refresh" content="0;url=([^"]*)"/g)];
  return found.map(([, link, refresh]) => (link ?? refresh ?? "").replaceAll("&amp;", "&"));
}

describe("Security rule 11: the end page of a login", () => {
  it("has the code in its link and its refresh alone, and is kept nowhere", async () => {
    const client = await appClient();
    const browser = new TestBrowser();
    const answer = await browser.get(await client.reachCallback(browser));
    expect([answer.status, answer.headers.get("location")]).toEqual([200, null]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(answer.headers.get("vary")).toContain("Accept");
    const page = await answer.text();
    expect(page).toContain("You&#39;re connected");
    const [refresh = "", link, ...others] = waysOn(page);
    expect([link, others]).toEqual([refresh, []]);
    const target = new URL(refresh);
    expect(target.href.startsWith(`${APP}?`)).toBe(true);
    const code = target.searchParams.get("code") ?? "";
    expect(page.split(code)).toHaveLength(3);
    expect((await client.redeem(code)).status).toBe(200);
  });

  it("says that access was denied, and tells the client", async () => {
    const client = await appClient();
    const browser = new TestBrowser();
    const answer = await client.answer(browser, await client.openConsent(browser), "deny");
    const page = await answer.text();
    expect([answer.status, page.includes("You denied access")]).toEqual([200, true]);
    const { searchParams } = new URL(waysOn(page)[0] ?? "");
    expect([searchParams.get("error"), searchParams.get("state")]).toEqual(["access_denied", "the state"]);
  });

  it("speaks the language that the client asked for at the beginning", async () => {
    const client = await appClient();
    const browser = new TestBrowser();
    const answer = await browser.get(await client.reachCallback(browser, "alice", { ui_locales: "fr-CA" }));
    expect(await answer.text()).toContain("Vous êtes connecté");
  });

  it("is for people alone, and for schemes of apps alone", async () => {
    const client = await appClient();
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(callback, { headers: { accept: "application/json", cookie }, redirect: "manual" });
    expect(locationOf(answer).protocol).toBe("cursor:");
    expect((await (await McpClient.register(fixture.server)).authorize()).protocol).toBe("http:");
  });
});

describe("the address that an answer went to", () => {
  it("opens a page that says what to do, also right after the consent page was shown again", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const repeated = await client.answer(browser, await client.openConsent(new TestBrowser()));
    expect(formOf(await repeated.text())).toBeTruthy();
    const page = await browser.get(new URL("/consent", fixture.server.address));
    expect([page.status, page.headers.get("content-type")]).toEqual([405, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain("Start again in the application.");
  });
});
