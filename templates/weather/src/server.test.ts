import { startTestServer, type TestServer } from "mcp-env-auth/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpStandIn, startHttpStandIn } from "./testing/http-stand-in.ts";

let server: TestServer;
let openMeteo: HttpStandIn;

beforeAll(async () => {
  openMeteo = await startHttpStandIn((request, response) => response.end(JSON.stringify(answer(request.url ?? ""))));
  server = await startTestServer(() => import("./server.ts"), {
    env: { GEOCODING_API_URL: openMeteo.url, WEATHER_API_URL: openMeteo.url },
  });
});

afterAll(async () => {
  await server?.close();
  await openMeteo?.close();
});

/** A user with these scopes, spelled as in a token. */
function userWith(subject: string, scope: string) {
  return server.as({ subject, scopes: scope.split(" ") });
}

describe("the weather server", () => {
  it("answers the current weather and who asked", async () => {
    const alice = userWith("alice", "weather:read");
    const { structuredContent } = await alice.callTool("current_weather", { city: "Berlin" });
    expect(structuredContent).toEqual({
      city: "Berlin, Germany",
      conditions: "Light rain",
      temperature_c: 4.3,
      humidity_percent: 81,
      wind_kmh: 12.6,
      observed_at: "2026-11-22T21:15",
      attribution: "Weather data by Open-Meteo.com (CC BY 4.0)",
      requested_by: "alice",
      scopes: ["weather:read"],
      issuer: "https://issuer.test/",
      audience: "https://mcp.test/api",
    });
  });

  it("answers a forecast", async () => {
    const alice = userWith("alice", "weather:read");
    const { structuredContent } = await alice.callTool("forecast", { city: "Berlin", days: 1 });
    expect(structuredContent).toMatchObject({
      city: "Berlin, Germany",
      days: [{ date: "2026-11-22", conditions: "Rain" }],
    });
  });

  it("keeps places for each user", async () => {
    const alice = userWith("alice", "weather:read weather:write");
    const bob = userWith("bob", "weather:read");
    const saved = await alice.callTool("save_place", { city: "Berlin" });
    expect(saved.structuredContent).toEqual({ places: ["Berlin, Germany"] });
    const bobs = await bob.callTool("list_saved_places");
    expect(bobs.structuredContent).toEqual({ places: [] });

    const read = await alice.request("resources/read", { uri: "weather://saved-places" });
    expect(read).toMatchObject({ contents: [{ text: '{"places":["Berlin, Germany"]}' }] });

    const removed = await alice.callTool("remove_place", { place: "Berlin, Germany" });
    expect(removed.structuredContent).toEqual({ places: [] });
    const again = await alice.callTool("remove_place", { place: "Berlin, Germany" });
    expect(again).toMatchObject({
      isError: true,
      content: [{ text: '"Berlin, Germany" is not among the saved places.' }],
    });
  });

  it("lets nobody write without the scope", async () => {
    const bob = userWith("bob", "weather:read");
    await expect(bob.callTool("save_place", { city: "Berlin" })).rejects.toThrow("weather:write");
  });

  it("says what to do about a city that it can't find", async () => {
    const alice = userWith("alice", "weather:read");
    const result = await alice.callTool("current_weather", { city: "Atlantis" });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: 'No place found for "Atlantis". Check the spelling.' }],
    });
  });

  it("marks what only reads and what destroys", async () => {
    const tools = await userWith("alice", "weather:read weather:write").listTools();
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint).map(({ name }) => name)).toEqual([
      "current_weather",
      "forecast",
      "list_saved_places",
    ]);
    expect(tools.filter(({ annotations }) => annotations?.destructiveHint).map(({ name }) => name)).toEqual([
      "remove_place",
    ]);
  });

  it("offers a prompt for the day", async () => {
    const alice = userWith("alice", "weather:read");
    const briefing = await alice.request("prompts/get", { name: "daily_briefing" });
    expect(briefing).toMatchObject({
      messages: [{ role: "user", content: { text: expect.stringContaining("saved places") } }],
    });
  });
});

function answer(path: string): object {
  if (path.includes("name=Atlantis")) {
    return { generationtime_ms: 0.3 };
  }
  if (path.startsWith("/v1/search")) {
    return {
      results: [{ name: "Berlin", latitude: 52.52, longitude: 13.41, country: "Germany", population: 3426354 }],
    };
  }
  if (path.includes("daily=")) {
    return {
      daily: {
        time: ["2026-11-22"],
        temperature_2m_max: [6.1],
        temperature_2m_min: [1.2],
        precipitation_probability_max: [70],
        weather_code: [63],
      },
    };
  }
  return {
    current: {
      time: "2026-11-22T21:15",
      temperature_2m: 4.3,
      relative_humidity_2m: 81,
      wind_speed_10m: 12.6,
      weather_code: 61,
    },
  };
}
