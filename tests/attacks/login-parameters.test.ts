import { describe, expect, it } from "vitest";
import { locationOf, logInAtProvider } from "../../packages/mcp-env-auth/src/proxy/testing/mcp-client.ts";
import { type McpClient, TestBrowser, useAttackedServer } from "../support/attacked-server.ts";

const attacked = useAttackedServer({
  register: (server) => server.registerTool("write", { requiredScopes: ["weather:write"] }, () => "written"),
  env: { FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "weather:read" },
});

/** A login whose user changes the request on its way to the provider: it is a URL in their own browser. */
async function logInBy(
  client: McpClient,
  browser: TestBrowser,
  asked: Record<string, string>,
  change: (provider: URLSearchParams) => void = () => undefined,
) {
  const approved = await client.answer(browser, await client.openConsent(browser, asked));
  const provider = locationOf(approved);
  change(provider.searchParams);
  const callback = await logInAtProvider(browser, provider, "alice");
  const redirect = locationOf(await browser.get(callback));
  return client.redeem(redirect.searchParams.get("code") ?? "");
}

describe("a user who edits the request at the provider", () => {
  it("does not get around max_age: what the provider says of the login is checked", async () => {
    const client = await attacked.client();
    const browser = new TestBrowser();
    expect((await logInBy(client, browser, { max_age: "60" })).status).toBe(200);
    attacked.advance(600);
    const { status, body } = await logInBy(client, browser, { max_age: "60" }, (sent) => sent.delete("max_age"));
    expect([status, body.error, body.access_token]).toEqual([400, "invalid_grant", undefined]);
    expect((await logInBy(client, browser, { max_age: "60" })).status).toBe(200);
  });

  it("gets no scope that was not approved", async () => {
    const client = await attacked.client();
    const { body } = await logInBy(client, new TestBrowser(), { scope: "weather:read" }, (sent) =>
      sent.set("scope", `${sent.get("scope")} weather:write`),
    );
    expect(body.scope?.split(" ")).not.toContain("weather:write");
  });
});

describe("a client's wishes for its login", () => {
  it("give it no scope: openid is asked for to check max_age, and not granted", async () => {
    const client = await attacked.client();
    const { body } = await logInBy(client, new TestBrowser(), { scope: "weather:read", max_age: "60" });
    expect(body.scope).toBe("weather:read");
  });

  it.each([
    ["prompt", "none"],
    ["connection", "evil"],
    ["audience", "https://other.example.com"],
    ["organization", "org_other"],
    ["login_hint", `x${"&redirect_uri=https://evil.example"}`],
    ["ui_locales", "de&response_type=token"],
  ])("reach no other parameter of the provider: %s", async (name, value) => {
    const client = await attacked.client();
    const browser = new TestBrowser();
    const asked = { [name]: value };
    const approved = locationOf(await client.answer(browser, await client.openConsent(browser, asked)));
    const sent = approved.searchParams;
    expect(sent.getAll("redirect_uri")).toEqual([`${attacked.origin}/auth/callback`]);
    expect(sent.getAll("response_type")).toEqual(["code"]);
    expect(sent.get("client_id")).toBe(attacked.auth0.clientId);
    expect(sent.get("audience")).toBe(attacked.auth0.audience);
    expect([sent.get("connection"), sent.get("organization")]).toEqual([null, null]);
    expect(sent.get("prompt")).not.toBe("none");
  });
});
