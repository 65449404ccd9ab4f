import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type DevAuth0, startDevAuth0 } from "./index.ts";
import { logIn, refresh } from "./testing/browser.ts";

let auth0: DevAuth0;

afterEach(async () => {
  vi.unstubAllEnvs();
  await auth0?.close();
});

describe("startDevAuth0", () => {
  test("serves a whole login out of the box: discovery, login page, tokens, refresh", async () => {
    auth0 = await startDevAuth0();
    const discovery = (await (await fetch(auth0.configUrl)).json()) as Record<string, string>;
    expect(discovery.issuer).toBe(auth0.issuer);

    const { status, body } = await logIn(auth0, "bob");
    expect(status).toBe(200);
    const keys = createRemoteJWKSet(new URL(discovery.jwks_uri ?? ""));
    const { payload } = await jwtVerify(body.access_token, keys, { issuer: auth0.issuer, audience: auth0.audience });
    expect(payload).toMatchObject({ sub: "auth0|bob", permissions: ["weather:read"] });

    const refreshed = await refresh(auth0, body.refresh_token);
    expect(refreshed.status).toBe(200);
    expect(refreshed.body.refresh_token).not.toBe(body.refresh_token);
  });

  test("names itself by the host it is asked to", async () => {
    auth0 = await startDevAuth0({ host: "localhost" });
    expect(auth0.issuer).toBe(`http://localhost:${auth0.port}/`);
    expect((await fetch(auth0.configUrl)).status).toBe(200);
  });

  test("refuses to listen anywhere but on this machine", async () => {
    await expect(startDevAuth0({ host: "0.0.0.0" as "127.0.0.1" })).rejects.toThrow(
      "dev-auth0 listens on 127.0.0.1 or localhost only, and 0.0.0.0 is neither.",
    );
  });

  test("refuses to run in production", async () => {
    vi.stubEnv("NODE_ENV", "production");
    await expect(startDevAuth0()).rejects.toThrow("does not run with NODE_ENV=production");
  });

  test("rejects when the port is taken", async () => {
    auth0 = await startDevAuth0();
    await expect(startDevAuth0({ port: auth0.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("gives the variables of a server that logs its users in here", async () => {
    auth0 = await startDevAuth0();
    expect(auth0.env("http://127.0.0.1:8000")).toEqual({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: `${auth0.issuer}.well-known/openid-configuration`,
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: "dev-auth0-client",
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: "dev-auth0-client-secret",
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: "https://weather.example.com/api",
      FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: "http://127.0.0.1:8000",
    });
  });
});

test("takes the next free port where it may, and says that a port is taken where it may not", async () => {
  const first = await startDevAuth0();
  const second = await startDevAuth0({ port: first.port, nextFreePort: true });
  try {
    expect(second.port).toBeGreaterThan(first.port);
    expect(second.port).toBeLessThanOrEqual(first.port + 20);
    expect(second.issuer).toBe(`http://127.0.0.1:${second.port}/`);
    await expect(startDevAuth0({ port: first.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  } finally {
    await first.close();
    await second.close();
  }
});
