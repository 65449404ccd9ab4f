import { createClient } from "@redis/client";
import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startInProcess } from "../support/in-process.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

let redis: RedisServer;
let auth0: DevAuth0;

beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
  auth0 = await startDevAuth0();
});

afterAll(async () => {
  await auth0.close();
  await redis.dispose();
});

it("hands out references to tokens that are kept, sealed and for as long as they live, in Redis", async () => {
  const url = `redis://127.0.0.1:${redis.port}`;
  const server = await startInProcess({
    auth0,
    env: { FASTMCP_TOKEN_FORMAT: "reference", FASTMCP_STORAGE_URL: url },
  });
  const session = await server.getSession();
  expect(session.accessToken.length).toBeLessThan(300);
  expect(session.refreshToken.length).toBeLessThan(300);
  expect((await server.call(session.accessToken)).status).toBe(200);

  const client = await createClient({ url }).connect();
  const keys = await client.keys("*");
  const entries = await Promise.all(
    keys.map(async (key) => {
      const isIndex = (await client.type(key)) === "zset";
      return [key, await (isIndex ? client.zRange(key, 0, -1) : client.get(key)), await client.ttl(key)] as const;
    }),
  );
  client.destroy();
  const dump = JSON.stringify(entries);
  for (const secret of [session.accessToken, session.refreshToken, "auth0|", "alice"]) {
    expect(dump).not.toContain(secret);
  }
  expect(entries.every(([, , ttl]) => ttl > 0)).toBe(true);

  const renewed = await session.renewed(await session.refresh());
  expect((await server.call(renewed.accessToken)).status).toBe(200);
  expect((await renewed.revoke()).status).toBe(200);
  expect((await server.call(renewed.accessToken)).status).toBe(401);
  expect((await renewed.refresh()).status).toBe(400);
});
