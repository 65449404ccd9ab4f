import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startWeatherServer, type WeatherServer } from "test-support/servers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_KINDS, type ClientKind, connect } from "./support/clients.ts";
import { startRoundRobin } from "./support/round-robin.ts";

const KIND: ClientKind = "SDK v2, 2026-07-28";

let auth0: DevAuth0;
let openMeteo: Awaited<ReturnType<typeof startOpenMeteoStandIn>>;

beforeAll(async () => {
  [auth0, openMeteo] = await Promise.all([startDevAuth0(), startOpenMeteoStandIn()]);
});

afterAll(async () => {
  await openMeteo?.close();
  await auth0?.close();
});

/** A `fetch` that calls `before` with the number of each request to `origin`, from 1. */
function countingFetch(origin: string, before: (step: number) => Promise<void>): typeof fetch {
  let step = 0;
  return async (input, init) => {
    if (new URL(input instanceof Request ? input.url : input).origin === origin) {
      step += 1;
      await before(step);
    }
    return fetch(input, init);
  };
}

describe("a server that is killed and started again with the same environment", () => {
  let server: WeatherServer;

  beforeAll(async () => {
    server = await startWeatherServer({
      port: await freePort(),
      authEnv: auth0.env,
      openMeteoUrl: openMeteo.url,
      env: { FASTMCP_RATE_LIMIT: "0" },
    });
  });

  afterAll(() => server?.stop());

  /**
   * Logs in and calls a tool, with a new process before request number `killBefore`. Returns how many requests there
   * were.
   */
  async function logInWithKill(killBefore: number): Promise<number> {
    let steps = 0;
    const { pid } = server.process();
    const watched = countingFetch(new URL(server.url).origin, async (step) => {
      steps = step;
      if (step === killBefore) {
        await server.restart();
      }
    });
    const oauth = new OAuthClient({ browser: new Browser({ fetch: watched }), username: "alice" });
    const session = await connect({ kind: KIND, url: server.url, oauth, fetch: watched });
    const { structuredContent } = await session.callTool("current_weather", { city: "Oslo" });
    expect(structuredContent?.conditions).toBe("Snow");
    expect(oauth.logins).toBe(1);
    expect(server.process().pid === pid).toBe(killBefore === 0);
    await session.close();
    return steps;
  }

  it("goes on with a login, whichever step it was killed before", { timeout: 120_000 }, async () => {
    const steps = await logInWithKill(0);
    expect(steps).toBeGreaterThanOrEqual(9);
    for (let step = 2; step <= steps; step++) {
      await expect(logInWithKill(step), `killed before request ${step} of ${steps}`).resolves.toBe(steps);
    }
  });

  it("goes on with a refresh, whichever step it was killed before", { timeout: 120_000 }, async () => {
    let steps = 0;
    let killBefore = 0;
    let offset = 0;
    const watched = countingFetch(new URL(server.url).origin, async (step) => {
      steps = step - offset;
      if (steps === killBefore) {
        await server.restart();
      }
    });
    const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
    const session = await connect({ kind: KIND, url: server.url, oauth, fetch: watched });

    async function refreshWithKill(before: number): Promise<number> {
      offset += steps;
      killBefore = before;
      const refreshToken = oauth.tokens()?.refresh_token;
      oauth.spoilAccessToken();
      const { structuredContent } = await session.callTool("current_weather", { city: "Oslo" });
      expect(structuredContent?.requested_by).toBe("auth0|alice");
      expect(oauth.tokens()?.refresh_token).not.toBe(refreshToken);
      return steps;
    }

    const unbroken = await refreshWithKill(0);
    expect(unbroken).toBeGreaterThanOrEqual(3);
    for (let step = 1; step <= unbroken; step++) {
      await expect(refreshWithKill(step), `killed before request ${step} of ${unbroken}`).resolves.toBe(unbroken);
    }
    expect(oauth.logins).toBe(1);
    await session.close();
  });
});

describe("two servers with the same environment behind one address", () => {
  let servers: WeatherServer[] = [];
  let ports: number[] = [];
  let front: Awaited<ReturnType<typeof startRoundRobin>>;

  beforeAll(async () => {
    front = await startRoundRobin(() => ports);
    ports = [await freePort(), await freePort()];
    const baseUrl = `http://127.0.0.1:${front.port}`;
    servers = await Promise.all(
      ports.map((port) => startWeatherServer({ port, baseUrl, authEnv: auth0.env, openMeteoUrl: openMeteo.url })),
    );
  });

  afterAll(async () => {
    await front?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it.each(CLIENT_KINDS)("take turns in one login and its calls, with %s", async (kind) => {
    const before = [...front.counts];
    const oauth = new OAuthClient({ browser: new Browser(), username: "bob" });
    const session = await connect({ kind, url: `http://127.0.0.1:${front.port}/mcp`, oauth });
    for (const city of ["Berlin", "Tokyo"]) {
      const { structuredContent } = await session.callTool("current_weather", { city });
      expect(structuredContent?.requested_by).toBe("auth0|bob");
    }
    oauth.spoilAccessToken();
    await session.callTool("current_weather", { city: "Sydney" });
    expect(oauth.logins).toBe(1);
    for (const index of [0, 1]) {
      expect(front.counts[index]).toBeGreaterThan((before[index] ?? 0) + 2);
    }
    await session.close();
  });
});
