import { describe, expect, it } from "vitest";
import type { Place } from "./places.ts";
import { openSavedPlaces } from "./saved-places.ts";
import { MAX_PLACES } from "./saved-places-limit.ts";

const place = (name: string): Place => ({
  name,
  region: undefined,
  country: "Germany",
  countryCode: "DE",
  latitude: 0,
  longitude: 0,
  population: 0,
});

describe("saved places in memory", () => {
  it("are each user's own, without repeats, in alphabetical order", async () => {
    const places = await openSavedPlaces();
    for (const name of ["Hamburg", "Berlin", "Berlin"]) {
      await places.save("alice", place(name));
    }
    await places.save("bob", place("Bonn"));
    await expect(places.list("alice")).resolves.toEqual(["Berlin, Germany", "Hamburg, Germany"]);
    await expect(places.list("bob")).resolves.toEqual(["Bonn, Germany"]);
    await expect(places.list("carol")).resolves.toEqual([]);
  });

  it("are removed by their description, from their owner only", async () => {
    const places = await openSavedPlaces();
    await places.save("alice", place("Berlin"));
    await expect(places.remove("bob", "Berlin, Germany")).resolves.toBe(false);
    await expect(places.remove("alice", "Berlin, Germany")).resolves.toBe(true);
    await expect(places.list("alice")).resolves.toEqual([]);
  });

  it("end at a limit, below which a place can be saved again", async () => {
    const places = await openSavedPlaces();
    for (let n = 0; n < MAX_PLACES; n++) {
      await places.save("alice", place(`Town ${n}`));
    }
    await expect(places.save("alice", place("One more"))).rejects.toThrow("You have saved 50 places already.");
    await expect(places.save("alice", place("Town 0"))).resolves.toBeUndefined();
    await expect(places.list("alice")).resolves.toHaveLength(MAX_PLACES);
  });
});

describe("saved places in Redis", () => {
  it("say so when Redis can't be reached, and do not keep the server from starting", async () => {
    const places = await openSavedPlaces("redis://127.0.0.1:1");
    await expect(places.list("alice")).rejects.toThrow("Saved places can't be reached at the moment.");
    await places.close();
  });
});
