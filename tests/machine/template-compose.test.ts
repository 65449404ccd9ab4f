import { readFileSync } from "node:fs";
import path from "node:path";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { Browser } from "test-support/browser";
import { freePort } from "test-support/free-port";
import { OAuthClient } from "test-support/oauth-client";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startWeatherServer, type WeatherServer } from "test-support/servers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect } from "../support/clients.ts";
import { type RoundRobin, startRoundRobin } from "../support/round-robin.ts";
import { repository } from "../support/scaffolder.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

const COMPOSE = readFileSync(path.join(repository, "templates/weather/compose.yaml"), "utf8");
const ENVIRONMENT = Object.fromEntries(
  [...COMPOSE.matchAll(/^ {6}(FASTMCP_\w+): "?([^"\n]+)"?$/gm)].map(([, name, value]) => [name, value] as const),
);

let auth0: DevAuth0;
let openMeteo: Awaited<ReturnType<typeof startOpenMeteoStandIn>>;
let redis: RedisServer;
let front: RoundRobin;
let ports: number[] = [];
let servers: WeatherServer[] = [];

beforeAll(async () => {
  [auth0, openMeteo, redis] = await Promise.all([startDevAuth0(), startOpenMeteoStandIn(), createRedisServer()]);
  await redis.start();
  ports = [await freePort(), await freePort()];
  front = await startRoundRobin(() => ports);
  servers = await Promise.all(
    ports.map((port) =>
      startWeatherServer({
        port,
        baseUrl: `http://127.0.0.1:${front.port}`,
        authEnv: auth0.env,
        openMeteoUrl: openMeteo.url,
        env: {
          ...ENVIRONMENT,
          FASTMCP_PORT: String(port),
          FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}`,
        },
      }),
    ),
  );
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await front?.close();
  await redis?.dispose();
  await openMeteo?.close();
  await auth0?.close();
});

it("the compose file sets two replicas up with Redis, behind one proxy", () => {
  expect(COMPOSE).toMatch(/replicas: 2\b/);
  expect(ENVIRONMENT).toEqual({
    FASTMCP_PORT: "8000",
    FASTMCP_STORAGE_URL: "redis://redis:6379",
    FASTMCP_TRUST_PROXY: "1",
  });
});

it("a login on one replica is good on the other, and saved places are shared", async () => {
  const [first, second] = ports as [number, number];
  const oauth = new OAuthClient({ browser: new Browser(), username: "alice" });
  ports = [first];
  const session = await connect({ kind: "SDK v2, 2026-07-28", url: `http://127.0.0.1:${front.port}/mcp`, oauth });
  const saved = await session.callTool("save_place", { city: "Lisbon" });
  expect(saved.structuredContent).toEqual({ places: ["Lisbon, Portugal"] });
  const { logins } = oauth;

  ports = [second];
  const listed = await session.callTool("list_saved_places");
  expect(listed.structuredContent).toEqual({ places: ["Lisbon, Portugal"] });
  expect(oauth.logins).toBe(logins);

  await servers[1]?.restart();
  const afterRestart = await session.callTool("list_saved_places");
  expect(afterRestart.structuredContent).toEqual({ places: ["Lisbon, Portugal"] });
  await session.close();
  ports = [first, second];
});

it("replicas take turns in one login and its calls", async () => {
  const before = [...front.counts];
  const oauth = new OAuthClient({ browser: new Browser(), username: "bob" });
  const session = await connect({ kind: "SDK v2, 2026-07-28", url: `http://127.0.0.1:${front.port}/mcp`, oauth });
  const { structuredContent } = await session.callTool("current_weather", { city: "Oslo" });
  expect(structuredContent?.requested_by).toBe("auth0|bob");
  for (const index of [0, 1]) {
    expect(front.counts[index]).toBeGreaterThan((before[index] ?? 0) + 2);
  }
  await session.close();
});
