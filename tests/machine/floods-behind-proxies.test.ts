import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONNECTIONS, MESSAGES, PIPELINED } from "./support/floods/anonymous.ts";
import { createDrill, DRILL_TIMEOUT, type Drill } from "./support/floods/drill.ts";
import { startBareServer, startWeather } from "./support/floods/probed-process.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";
import { PROXY_NAMES, type ReverseProxy, startReverseProxy } from "./support/reverse-proxy.ts";

/** What reaches a server through each proxy and costs it most; the others are run with `--all`. */
const ALWAYS: Readonly<Record<(typeof PROXY_NAMES)[number], readonly string[]>> = {
  nginx: ["every path, read", "made-up tokens"],
  Caddy: ["half a body", "read slowly"],
};

const ALL = { ...PIPELINED, ...CONNECTIONS, ...MESSAGES };

describe.each(PROXY_NAMES)("behind %s, with Redis", (proxyName) => {
  let auth0: DevAuth0;
  let redis: RedisServer;
  let proxy: ReverseProxy;
  let drill: Drill;

  beforeAll(async () => {
    [auth0, redis] = await Promise.all([startDevAuth0(), createRedisServer()]);
    await redis.start();
    const [bare, port] = [await startBareServer(), await freePort()];
    proxy = await startReverseProxy(proxyName, [bare.port, port]);
    const [barePort = 0, weatherPort = 0] = proxy.ports;
    drill = createDrill({
      bare: { process: bare, port: barePort },
      startServer: async () => ({
        port: weatherPort,
        process: await startWeather((baseUrl) => auth0.env(baseUrl), {
          port,
          baseUrl: `http://127.0.0.1:${weatherPort}`,
          env: { FASTMCP_TRUST_PROXY: "1", FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}` },
        }),
      }),
    });
  });

  afterAll(async () => {
    await drill?.close();
    await proxy?.stop();
    await redis?.dispose();
    await auth0?.close();
  });

  const chosen = process.env.MACHINE_TESTS === "all" ? Object.keys(ALL) : ALWAYS[proxyName];

  it.each(chosen)(
    "a user is served during a flood from 250 addresses: %s",
    { timeout: DRILL_TIMEOUT },
    async (name) => {
      const flood = ALL[name];
      expect(flood).toBeDefined();
      await drill.withstand(flood ?? (async () => {}), 250);
    },
  );
});
