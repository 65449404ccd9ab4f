import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { openSavedPlaces } from "../../templates/weather/src/saved-places.ts";
import { MAX_PLACES } from "../../templates/weather/src/saved-places-limit.ts";
import { createRedisServer, type RedisServer } from "./support/redis-server.ts";

let redis: RedisServer;

beforeAll(async () => {
  redis = await createRedisServer();
  await redis.start();
});

afterAll(() => redis?.dispose());

const place = (name: string) => ({
  name,
  region: undefined,
  country: "Germany",
  countryCode: "DE",
  latitude: 0,
  longitude: 0,
  population: 0,
});

async function open() {
  const places = await openSavedPlaces(`redis://127.0.0.1:${redis.port}`);
  onTestFinished(() => places.close());
  await expect.poll(() => places.list("nobody").catch(() => undefined)).toEqual([]);
  return places;
}

it("places in Redis outlive the process, and are each user's own", async () => {
  const first = await open();
  for (const name of ["Hamburg", "Berlin", "Berlin"]) {
    await first.save("alice", place(name));
  }
  await first.save("bob", place("Bonn"));
  const second = await open();
  expect(await second.list("alice")).toEqual(["Berlin, Germany", "Hamburg, Germany"]);
  expect(await second.remove("bob", "Berlin, Germany")).toBe(false);
  expect(await second.remove("alice", "Berlin, Germany")).toBe(true);
  expect(await first.list("alice")).toEqual(["Hamburg, Germany"]);
});

it("a user's places in Redis end at the limit, also when several are saved at once", async () => {
  const [first, second] = [await open(), await open()];
  for (let n = 0; n < MAX_PLACES - 1; n++) {
    await first.save("carol", place(`Town ${n}`));
  }
  const attempts = [first, second].map((places, n) => places.save("carol", place(`Last ${n}`)));
  expect((await Promise.allSettled(attempts)).some(({ status }) => status === "rejected")).toBe(true);
  expect((await first.list("carol")).length).toBeLessThanOrEqual(MAX_PLACES);
  await expect(first.save("carol", place("Town 0"))).resolves.toBeUndefined();
});

it("who the users are can't be read in Redis", async () => {
  await (await open()).save('["https://issuer.test/","auth0|dave"]', place("Berlin"));
  expect(await redis.command("KEYS", "weather:places:*")).toContain("weather:places:");
  expect(await redis.command("KEYS", "*")).not.toMatch(/dave|issuer/);
});

it("says so while Redis is away, and works when it is back", async () => {
  const places = await open();
  await redis.stop();
  await expect(places.list("alice")).rejects.toThrow("Saved places can't be reached at the moment.");
  await redis.start();
  await expect.poll(() => places.list("alice").catch(() => undefined), { timeout: 10_000 }).toEqual([]);
});
