import { generateKeyPairSync, sign } from "node:crypto";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import type { ProtectedServer } from "mcp-env-auth";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "./testing/free-port.ts";
import { type HttpStandIn, startHttpStandIn } from "./testing/http-stand-in.ts";

const ISSUER = "https://issuer.test/";
const AUDIENCE = "https://weather.test/api";
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

let url: URL;
let server: ProtectedServer;
let openMeteo: HttpStandIn;

beforeAll(async () => {
  openMeteo = await startHttpStandIn((request, response) => response.end(JSON.stringify(answer(request.url ?? ""))));
  const port = await freePort();
  url = new URL(`http://127.0.0.1:${port}/mcp`);
  Object.assign(process.env, {
    FASTMCP_ENV_FILE: "",
    FASTMCP_LOG_LEVEL: "ERROR",
    FASTMCP_PORT: String(port),
    FASTMCP_SERVER_AUTH: "JWT",
    FASTMCP_SERVER_AUTH_JWT_PUBLIC_KEY: publicKey.export({ type: "spki", format: "pem" }),
    FASTMCP_SERVER_AUTH_JWT_ISSUER: ISSUER,
    FASTMCP_SERVER_AUTH_JWT_AUDIENCE: AUDIENCE,
    GEOCODING_API_URL: openMeteo.url,
    WEATHER_API_URL: openMeteo.url,
  });
  ({ server } = await import("./server.ts"));
});

afterAll(async () => {
  await server?.close();
  await openMeteo?.close();
});

describe("the weather server", () => {
  it("answers the current weather and who asked", async () => {
    const alice = await connectAs("alice", "weather:read");
    const { structuredContent } = await alice.callTool({ name: "current_weather", arguments: { city: "Berlin" } });
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
      issuer: ISSUER,
      audience: AUDIENCE,
    });
  });

  it("answers a forecast", async () => {
    const alice = await connectAs("alice", "weather:read");
    const { structuredContent } = await alice.callTool({ name: "forecast", arguments: { city: "Berlin", days: 1 } });
    expect(structuredContent).toMatchObject({
      city: "Berlin, Germany",
      days: [{ date: "2026-11-22", conditions: "Rain" }],
    });
  });

  it("keeps places for each user", async () => {
    const alice = await connectAs("alice", "weather:read weather:write");
    const bob = await connectAs("bob", "weather:read");
    const saved = await alice.callTool({ name: "save_place", arguments: { city: "Berlin" } });
    expect(saved.structuredContent).toEqual({ places: ["Berlin, Germany"] });
    const bobs = await bob.callTool({ name: "list_saved_places" });
    expect(bobs.structuredContent).toEqual({ places: [] });

    const { contents } = await alice.readResource({ uri: "weather://saved-places" });
    expect(contents[0]).toMatchObject({ text: '{"places":["Berlin, Germany"]}' });

    const removed = await alice.callTool({ name: "remove_place", arguments: { place: "Berlin, Germany" } });
    expect(removed.structuredContent).toEqual({ places: [] });
    const again = await alice.callTool({ name: "remove_place", arguments: { place: "Berlin, Germany" } });
    expect(again).toMatchObject({
      isError: true,
      content: [{ text: '"Berlin, Germany" is not among the saved places.' }],
    });
  });

  it("lets nobody write without the scope", async () => {
    const bob = await connectAs("bob", "weather:read");
    await expect(bob.callTool({ name: "save_place", arguments: { city: "Berlin" } })).rejects.toThrow("weather:write");
  });

  it("says what to do about a city that it can't find", async () => {
    const alice = await connectAs("alice", "weather:read");
    const result = await alice.callTool({ name: "current_weather", arguments: { city: "Atlantis" } });
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: 'No place found for "Atlantis". Check the spelling.' }],
    });
  });

  it("marks what only reads and what destroys", async () => {
    const { tools } = await (await connectAs("alice", "weather:read weather:write")).listTools();
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
    const alice = await connectAs("alice", "weather:read");
    const { messages } = await alice.getPrompt({ name: "daily_briefing" });
    expect(messages).toMatchObject([{ role: "user", content: { text: expect.stringContaining("saved places") } }]);
  });
});

async function connectAs(subject: string, scope: string): Promise<Client> {
  const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  const token = tokenFor(subject, scope);
  await client.connect(
    new StreamableHTTPClientTransport(url, {
      authProvider: { token: async () => token },
      onInsufficientScope: "throw",
    }),
  );
  onTestFinished(() => client.close());
  return client;
}

/** An access token as the identity provider would sign it. */
function tokenFor(subject: string, scope: string): string {
  const expiry = Math.floor(Date.now() / 1000) + 60;
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: subject, client_id: "test", scope, exp: expiry };
  const [header, payload] = [{ alg: "RS256", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const signature = sign("sha256", Buffer.from(`${header}.${payload}`), privateKey).toString("base64url");
  return `${header}.${payload}.${signature}`;
}

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
