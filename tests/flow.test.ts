import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startWeatherServer, type WeatherServer } from "test-support/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_KINDS, type ClientKind, connect } from "./support/clients.ts";

let auth0: DevAuth0;
let openMeteo: Awaited<ReturnType<typeof startOpenMeteoStandIn>>;
let server: WeatherServer;

beforeAll(async () => {
  [auth0, openMeteo] = await Promise.all([startDevAuth0(), startOpenMeteoStandIn()]);
  server = await startWeatherServer({
    port: await freePort(),
    authEnv: auth0.env,
    openMeteoUrl: openMeteo.url,
    env: { FASTMCP_RATE_LIMIT: "0", FASTMCP_LOGIN_SCOPES: "required" },
  });
});

afterAll(async () => {
  await server?.stop();
  await openMeteo?.close();
  await auth0?.close();
});

const clientOf = (username: string, options: { keepsRefreshTokens?: boolean } = {}) =>
  new OAuthClient({ browser: new Browser(), username, ...options });

// SDK v1 answers a 403 with a refresh where it has a refresh token, which can't widen a scope (RFC 6749 section 6).
const clientForStepUp = (kind: ClientKind, username: string) =>
  clientOf(username, { keepsRefreshTokens: kind !== "SDK v1" });

const PROTOCOL_VERSIONS: Record<ClientKind, string> = {
  "SDK v2, 2026-07-28": "2026-07-28",
  "SDK v2, 2025-11-25": "2025-11-25",
  "SDK v1": "2025-11-25",
};

describe.each(CLIENT_KINDS)("with %s", (kind) => {
  it("a client that knows only the URL logs its user in and calls a tool as that user", async () => {
    const oauth = clientOf("alice");
    const session = await connect({ kind, url: server.url, oauth });
    expect(session.protocolVersion).toBe(PROTOCOL_VERSIONS[kind]);
    const { structuredContent } = await session.callTool("current_weather", { city: "Berlin" });
    expect(structuredContent).toMatchObject({
      city: "Berlin, Germany",
      conditions: "Light rain",
      temperature_c: 4.3,
      requested_by: "auth0|alice",
      issuer: auth0.issuer,
    });
    expect([structuredContent?.audience].flat()).toContain(auth0.audience);
    expect(structuredContent?.scopes).toEqual(expect.arrayContaining(["openid", "weather:read"]));
    expect(structuredContent?.scopes).not.toContain("weather:write");
    expect(oauth.logins).toBe(1);
    await session.close();
  });

  it("a call that needs a scope not asked for before ends in a second login and then succeeds", async () => {
    const oauth = clientForStepUp(kind, "alice");
    const session = await connect({ kind, url: server.url, oauth });
    const saved = await session.callTool("save_place", { city: "Lisbon" });
    expect(saved.structuredContent?.places).toContain("Lisbon, Portugal");
    expect(oauth.logins).toBe(2);

    const weather = await session.callTool("current_weather", { city: "Lisbon" });
    expect(weather.structuredContent?.scopes).toEqual(expect.arrayContaining(["weather:read", "weather:write"]));
    expect(oauth.logins).toBe(2);
    await session.close();
  });

  it("a user who may not have the scope is refused, and not sent to log in forever", async () => {
    const oauth = clientForStepUp(kind, "bob");
    const session = await connect({ kind, url: server.url, oauth });
    await expect(session.callTool("save_place", { city: "Lisbon" })).rejects.toThrow();
    await expect(session.callTool("save_place", { city: "Lisbon" })).rejects.toThrow();
    expect(oauth.logins).toBe(2);
    await session.close();
  });

  it("users see only their own saved places", async () => {
    const [alice, dave] = await Promise.all(
      ["alice", "dave"].map((username) => connect({ kind, url: server.url, oauth: clientForStepUp(kind, username) })),
    );
    await alice?.callTool("save_place", { city: "Tokyo" });
    const places = await dave?.callTool("list_saved_places");
    expect(places?.structuredContent).toEqual({ places: [] });
    await Promise.all([alice?.close(), dave?.close()]);
  });

  it("a tool's own error reaches the caller in words", async () => {
    const session = await connect({ kind, url: server.url, oauth: clientOf("alice") });
    const result = await session.callTool("current_weather", { city: "Springfield" });
    expect(result.isError).toBe(true);
    expect(result.content[0]?.text).toContain('"Springfield" could be Springfield, Missouri, United States;');
    const chosen = await session.callTool("current_weather", { city: "Springfield, Illinois" });
    expect(chosen.structuredContent?.conditions).toBe("Fog");
    await session.close();
  });
});

it("SDK v1 with a refresh token is told what is missing, and does not loop", async () => {
  const oauth = clientOf("alice");
  const session = await connect({ kind: "SDK v1", url: server.url, oauth });
  await expect(session.callTool("save_place", { city: "Lisbon" })).rejects.toThrow("403");
  expect(oauth.logins).toBe(1);
  await session.close();
});

it("nothing secret of the logins above is in the server's log", () => {
  const log = server.process().log();
  expect(log).not.toContain(auth0.clientSecret);
  expect(log).not.toMatch(/eyJ[\w-]{20,}/);
});
