import * as z from "zod";

const conditions = z.string().describe("Such as: Light rain");
const attribution = z.string().describe("To be shown with the data");

/** Where an access token is from and for, by claims that could hold anything. */
export const tokenOrigin = z.object({
  issuer: z.string().optional().describe("The identity provider"),
  audience: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe("The API that the user logged in for"),
});

/** What `current_weather` answers. */
export const currentWeather = z.object({
  city: z.string(),
  conditions,
  temperature_c: z.number(),
  humidity_percent: z.number(),
  wind_kmh: z.number(),
  observed_at: z.string().describe("Local time of the city"),
  attribution,
  requested_by: z.string().describe("The user that the access token stands for"),
  scopes: z.array(z.string()).describe("What the access token allows"),
  ...tokenOrigin.shape,
});

/** What `forecast` answers. */
export const forecast = z.object({
  city: z.string(),
  days: z.array(
    z.object({
      date: z.string(),
      conditions: conditions.nullable(),
      max_temperature_c: z.number().nullable(),
      min_temperature_c: z.number().nullable(),
      precipitation_percent: z.number().nullable(),
    }),
  ),
  attribution,
});

/** What the tools for saved places answer. */
export const savedPlaces = z.object({ places: z.array(z.string()) });
