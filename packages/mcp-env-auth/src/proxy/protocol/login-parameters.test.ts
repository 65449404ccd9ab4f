import { describe, expect, it } from "vitest";
import { locationOf, McpClient, TestBrowser } from "../testing/mcp-client.ts";
import { useProxy } from "../testing/proxy-fixture.ts";
import { connect, type ProxyServer } from "../testing/proxy-server.ts";

const fixture = useProxy();
const HINT = "alice+hint@example.com";

/** What the provider is asked, once the user has approved. */
async function atProvider(overrides: Record<string, string | undefined>): Promise<URLSearchParams> {
  const client = await McpClient.register(fixture.server);
  const browser = new TestBrowser();
  const form = await client.openConsent(browser, overrides);
  return locationOf(await client.answer(browser, form)).searchParams;
}

/** Logs in twice in one browser, `pause` seconds apart: the second time the provider still has a session. */
async function logInAgain(server: ProxyServer, maxAge: string, pause: number) {
  const client = await McpClient.register(server);
  const browser = new TestBrowser();
  await client.authorize(browser);
  fixture.clock.advance(pause);
  const redirect = await client.authorize(browser, "alice", { max_age: maxAge });
  return client.redeem(redirect.searchParams.get("code") ?? "");
}

describe("what a client says of its user's login", () => {
  it("reaches the provider", async () => {
    const asked = await atProvider({
      prompt: "login consent",
      login_hint: HINT,
      ui_locales: "de-CH fr",
      max_age: "300",
    });
    expect(Object.fromEntries(asked)).toMatchObject({
      prompt: "login consent",
      login_hint: HINT,
      ui_locales: "de-CH fr",
      max_age: "300",
    });
  });

  it("reaches it in a request by POST, too, and nothing is sent that was not said", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const parameters = Object.fromEntries(client.authorizeUrl({ login_hint: HINT }).searchParams);
    const page = await (await browser.post(new URL("/authorize", fixture.server.address), parameters)).text();
    const form = /name="request" value="([^"]+)"/.exec(page)?.[1] ?? "";
    const asked = locationOf(await client.answer(browser, form)).searchParams;
    expect(asked.get("login_hint")).toBe(HINT);
    for (const name of ["prompt", "ui_locales", "max_age"]) {
      expect(asked.has(name)).toBe(false);
    }
  });

  it.each([
    ["prompt", "none"],
    ["prompt", "create"],
    ["prompt", "LOGIN"],
    ["login_hint", "x".repeat(257)],
    ["ui_locales", "de\r\nX: 1"],
    ["ui_locales", "x".repeat(100)],
    ["acr_values", "high"],
    ["connection", "evil"],
    ["audience", "https://other.example"],
  ])("is left out where it is none of its business or no provider reads it: %s", async (name, value) => {
    const asked = await atProvider({ [name]: value });
    expect(asked.get(name)).not.toBe(value);
  });

  it("keeps the rest of a prompt with none in it", async () => {
    expect((await atProvider({ prompt: "none select_account" })).get("prompt")).toBe("select_account");
  });

  it.each(["-1", "soon", "1.5", "1e3", "9".repeat(10)])("is refused where max_age is %s", async (max_age) => {
    const client = await McpClient.register(fixture.server);
    const url = client.authorizeUrl({ max_age });
    const answer = await fetch(url, { redirect: "manual", headers: { accept: "*/*" } });
    expect(locationOf(answer).searchParams.get("error")).toBe("invalid_request");
  });

  it("does not win over the operator, and prompts are joined", async () => {
    const { clock, auth0, server } = fixture;
    const upstream = await connect(auth0, clock.now, server.options.logger, {
      extraAuthorizeParams: { prompt: "select_account", login_hint: "operator", max_age: "60" },
    });
    server.restart({ upstream: () => upstream });
    const asked = await atProvider({ prompt: "login", login_hint: HINT, ui_locales: "de", max_age: "300" });
    expect(Object.fromEntries(asked)).toMatchObject({
      prompt: "select_account login",
      login_hint: "operator",
      ui_locales: "de",
      max_age: "60",
    });
  });

  it("is in no log, not even where the provider repeats it in its refusal", async () => {
    const client = await McpClient.register(fixture.server);
    await client.logIn("alice", { login_hint: HINT });
    const failing = client.authorizeUrl({ login_hint: HINT, max_age: "soon" });
    await fetch(failing, { redirect: "manual" });
    const description = `${HINT.toUpperCase()} is blocked`;
    fixture.auth0.misbehave({ authorize: { error: "access_denied", description } });
    const refused = await client.authorize(new TestBrowser(), "alice", { login_hint: HINT });
    expect(refused.searchParams.get("error_description")).toContain("(login_hint) is blocked");
    const log = JSON.stringify(fixture.server.log).toLowerCase();
    expect(log).toContain("is blocked");
    expect(log).not.toContain("alice+hint");
  });
});

describe("max_age", () => {
  it("has the provider ask again where its session is older, and issues tokens then", async () => {
    const { status } = await logInAgain(fixture.server, "100", 1000);
    expect(status).toBe(200);
  });

  it("issues tokens for a session that is young enough", async () => {
    expect((await logInAgain(fixture.server, "2000", 1000)).status).toBe(200);
  });

  it("issues nothing where the provider takes no notice of it", async () => {
    const { server } = fixture;
    const upstream = server.options.upstream();
    if (upstream === undefined) {
      throw new Error("The provider is known.");
    }
    const authorizationUrl: typeof upstream.client.authorizationUrl = (options) =>
      upstream.client.authorizationUrl({ ...options, loginParameters: undefined });
    server.restart({ upstream: () => ({ ...upstream, client: { ...upstream.client, authorizationUrl } }) });
    const { status, body } = await logInAgain(server, "100", 1000);
    expect([status, body.error]).toEqual([400, "invalid_grant"]);
    expect(body.error_description).toContain("max_age");
    expect((await logInAgain(server, "2000", 1000)).status).toBe(200);
  });

  it("counts from when the user was sent to the provider, however long the login took there", async () => {
    const client = await McpClient.register(fixture.server);
    const browser = new TestBrowser();
    const callback = await client.reachCallback(browser, "alice", { max_age: "0" });
    fixture.clock.advance(300);
    const code = locationOf(await browser.get(callback)).searchParams.get("code") ?? "";
    const { status, body } = await client.redeem(code);
    expect([status, body.scope]).toEqual([200, "weather:read"]);
  });

  it("issues nothing where the id token is missing", async () => {
    fixture.auth0.misbehave({ idToken: "missing" });
    const client = await McpClient.register(fixture.server);
    const redirect = await client.authorize(new TestBrowser(), "alice", { max_age: "100" });
    const { body } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect(body).not.toHaveProperty("access_token");
  });
});
