import { spawnSync } from "node:child_process";
import { startDevAuth0 } from "dev-auth0";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startInProcess } from "../support/in-process.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
});
afterAll(() => redis?.dispose());

it("Prometheus' own tool finds no fault with the metrics after logins, calls, refusals and Redis commands", async () => {
  const auth0 = await startDevAuth0();
  onTestFinished(() => auth0.close());
  const env = { FASTMCP_METRICS_PORT: "0", FASTMCP_STORAGE_URL: `redis://127.0.0.1:${redis.port}` };
  const server = await startInProcess({ auth0, env });
  const session = await server.getSession();
  const renewed = await session.renewed(await session.refresh());
  expect((await server.call(renewed.accessToken)).status).toBe(200);
  expect((await server.call("not-a-token")).status).toBe(401);
  expect((await renewed.revoke()).status).toBe(200);

  const line = server.lines.find(({ message }) => message.startsWith("Prometheus metrics: "));
  const metrics = await (await fetch(line?.message.split(": ")[1] ?? "")).text();
  expect(metrics).toMatch(/^redis_command_duration_seconds_count\{command="EVAL",outcome="ok"\} [1-9]/m);
  const { status, stdout, stderr, error } = spawnSync("promtool", ["check", "metrics"], {
    input: metrics,
    encoding: "utf8",
  });
  expect(error, "promtool is in Debian's package prometheus.").toBeUndefined();
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
});
