import { createServer, getAccessToken, readVariable, ToolError } from "mcp-env-auth";
import * as z from "zod";
import { ATTRIBUTION, createOpenMeteo } from "./open-meteo.ts";
import { describePlace } from "./places.ts";
import { openSavedPlaces } from "./saved-places.ts";
import { placesOwner } from "./saved-places-owner.ts";
import { currentWeather, forecast, savedPlaces, tokenOrigin } from "./schemas.ts";

const weather = createOpenMeteo({
  geocodingUrl: readVariable("GEOCODING_API_URL"),
  weatherUrl: readVariable("WEATHER_API_URL"),
});
const places = await openSavedPlaces(readVariable("FASTMCP_STORAGE_URL"));

const city = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .describe("A city, with its region or country where the name is not unique");

export const server = createServer({
  name: "Auth0 Weather MCP",
  version: "0.1.0",
  instructions: `Weather anywhere, and the places that the user saves. ${ATTRIBUTION}.`,
});

server.registerTool(
  "current_weather",
  {
    title: "Current weather",
    description: "Get the current weather for a city, and who is asking.",
    inputSchema: z.object({ city }),
    outputSchema: currentWeather,
    requiredScopes: ["weather:read"],
    annotations: { readOnlyHint: true, openWorldHint: true },
  },
  async ({ city }) => {
    const place = await weather.findPlace(city);
    const { subject, scopes, claims } = getAccessToken();
    return {
      city: describePlace(place),
      ...(await weather.current(place)),
      attribution: ATTRIBUTION,
      requested_by: subject,
      scopes: [...scopes],
      ...tokenOrigin.parse({ issuer: claims.iss, audience: claims.aud }),
    };
  },
);

server.registerTool(
  "forecast",
  {
    title: "Forecast",
    description: "Get the weather of the next days for a city.",
    inputSchema: z.object({ city, days: z.int().min(1).max(16).default(7) }),
    outputSchema: forecast,
    requiredScopes: ["weather:read"],
    annotations: { readOnlyHint: true, openWorldHint: true },
  },
  async ({ city, days }) => {
    const place = await weather.findPlace(city);
    return { city: describePlace(place), days: await weather.forecast(place, days), attribution: ATTRIBUTION };
  },
);

server.registerTool(
  "save_place",
  {
    title: "Save a place",
    description: "Keep a city among the user's saved places.",
    inputSchema: z.object({ city }),
    outputSchema: savedPlaces,
    requiredScopes: ["weather:write"],
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  },
  async ({ city }) => {
    await places.save(placesOwner(), await weather.findPlace(city));
    return { places: await places.list(placesOwner()) };
  },
);

server.registerTool(
  "list_saved_places",
  {
    title: "Saved places",
    description: "List the user's saved places.",
    outputSchema: savedPlaces,
    requiredScopes: ["weather:read"],
    annotations: { readOnlyHint: true, openWorldHint: false },
  },
  async () => ({ places: await places.list(placesOwner()) }),
);

server.registerTool(
  "remove_place",
  {
    title: "Remove a place",
    description: "Remove a city from the user's saved places.",
    inputSchema: z.object({ place: z.string().describe("A saved place, as list_saved_places names it") }),
    outputSchema: savedPlaces,
    requiredScopes: ["weather:write"],
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  },
  async ({ place }) => {
    if (!(await places.remove(placesOwner(), place))) {
      throw new ToolError(`"${place}" is not among the saved places.`);
    }
    return { places: await places.list(placesOwner()) };
  },
);

server.registerResource(
  "saved-places",
  "weather://saved-places",
  { title: "Saved places", description: "The user's saved places.", requiredScopes: ["weather:read"] },
  async () => ({ places: await places.list(placesOwner()) }),
);

server.registerPrompt(
  "daily_briefing",
  { title: "Daily briefing", description: "Today's weather at each saved place, in a few sentences." },
  () =>
    "List my saved places and get the current weather and the forecast for one day of each. " +
    "Then tell me in a few sentences what to expect, and what to wear or take along.",
);

await server.run();
