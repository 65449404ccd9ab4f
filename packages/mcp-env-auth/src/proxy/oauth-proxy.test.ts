import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { McpClient, TestBrowser } from "./testing/mcp-client.ts";
import { createTestClock, type ProxyServer, startProxyServer, type TestClock } from "./testing/proxy-server.ts";

let clock: TestClock;
let auth0: DevAuth0;
let server: ProxyServer;

beforeEach(async () => {
  clock = createTestClock();
  auth0 = await startDevAuth0({ clock: clock.now });
  server = await startProxyServer(auth0, clock.now);
});

afterEach(async () => {
  await server.close();
  await auth0.close();
});

describe("a whole login", () => {
  it("ends with tokens that the verifier accepts, with the user's claims and the consented scopes", async () => {
    const client = await McpClient.register(server);
    const browser = new TestBrowser();

    const redirect = await client.authorize(browser);
    expect(redirect.href.startsWith(`${client.redirectUri}?`)).toBe(true);
    expect(redirect.searchParams.get("state")).toBe("the state");
    expect(redirect.searchParams.get("iss")).toBe(server.options.issuer);

    const { status, body, headers } = await client.redeem(redirect.searchParams.get("code") ?? "");
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: expect.any(String),
      scope: "weather:read",
    });
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");

    const token = await server.proxy.verifier.verify(body.access_token ?? "");
    expect(token.subject).toBe("auth0|alice");
    expect(token.scopes).toEqual(["weather:read"]);
    expect(token.claims.permissions).toContain("weather:write");
    expect(token.expiresAt).toBe(clock.now() + 3600);
  });
});
