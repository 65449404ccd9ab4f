import * as z from "zod";
import { createJsonClient, type JsonClientOptions } from "./json-client.ts";
import { choosePlace, type Place } from "./places.ts";
import { describeWeatherCode } from "./weather-codes.ts";

/** To be shown wherever the data is (Open-Meteo's licence, CC BY 4.0). */
export const ATTRIBUTION = "Weather data by Open-Meteo.com (CC BY 4.0)";

const geocodingAnswer = z.object({
  results: z
    .array(
      z.object({
        name: z.string(),
        latitude: z.number(),
        longitude: z.number(),
        country: z.string().optional(),
        country_code: z.string().optional(),
        admin1: z.string().optional(),
        population: z.number().optional(),
      }),
    )
    .default([]),
});

const currentAnswer = z.object({
  current: z.object({
    time: z.string(),
    temperature_2m: z.number(),
    relative_humidity_2m: z.number(),
    wind_speed_10m: z.number(),
    weather_code: z.number().int(),
  }),
});

const dailyAnswer = z.object({
  daily: z.object({
    time: z.array(z.string()),
    temperature_2m_max: z.array(z.number().nullable()),
    temperature_2m_min: z.array(z.number().nullable()),
    precipitation_probability_max: z.array(z.number().nullable()),
    weather_code: z.array(z.number().int().nullable()),
  }),
});

/** The weather at a place right now. */
export interface CurrentWeather {
  readonly conditions: string;
  readonly temperature_c: number;
  readonly humidity_percent: number;
  readonly wind_kmh: number;
  /** Local time at the place, ISO 8601 without an offset. */
  readonly observed_at: string;
}

/** The weather of one day; a value that the model has no data for is `null`. */
export interface DailyForecast {
  /** ISO 8601. */
  readonly date: string;
  readonly conditions: string | null;
  readonly max_temperature_c: number | null;
  readonly min_temperature_c: number | null;
  readonly precipitation_percent: number | null;
}

export interface OpenMeteoOptions extends Omit<JsonClientOptions, "service"> {
  /** Default `https://geocoding-api.open-meteo.com`. */
  readonly geocodingUrl?: string | undefined;
  /** Default `https://api.open-meteo.com`. */
  readonly weatherUrl?: string | undefined;
}

/** Every method rejects with `ToolError` in words that help the caller along. */
export interface OpenMeteo {
  /** The one place that `city` means: `Berlin`, or `Springfield, Illinois` where there are several. */
  findPlace(city: string): Promise<Place>;
  current(place: Place): Promise<CurrentWeather>;
  /** From today on, in the place's own time zone. @param days 1 to 16 */
  forecast(place: Place, days: number): Promise<DailyForecast[]>;
}

/**
 * A client of Open-Meteo's geocoding and forecast APIs. Neither needs a key.
 *
 * @throws Error for a URL that is neither http nor https.
 */
export function createOpenMeteo(options: OpenMeteoOptions = {}): OpenMeteo {
  const {
    geocodingUrl = "https://geocoding-api.open-meteo.com",
    weatherUrl = "https://api.open-meteo.com",
    ...clientOptions
  } = options;
  checkUrls({ geocodingUrl, weatherUrl });
  const getJson = createJsonClient({ service: "The weather service", ...clientOptions });

  function forecastUrl({ latitude, longitude }: Place, query: Record<string, string>): URL {
    return urlOf(weatherUrl, "v1/forecast", { latitude, longitude, timezone: "auto", ...query });
  }

  return {
    async findPlace(city) {
      const [name = ""] = city.split(",");
      const url = urlOf(geocodingUrl, "v1/search", { name: name.trim(), count: 20, language: "en", format: "json" });
      const { results } = await getJson(url, geocodingAnswer);
      return choosePlace(city, results.map(toPlace));
    },

    async current(place) {
      const fields = "temperature_2m,relative_humidity_2m,wind_speed_10m,weather_code";
      const { current } = await getJson(forecastUrl(place, { current: fields }), currentAnswer);
      return {
        conditions: describeWeatherCode(current.weather_code),
        temperature_c: current.temperature_2m,
        humidity_percent: current.relative_humidity_2m,
        wind_kmh: current.wind_speed_10m,
        observed_at: current.time,
      };
    },

    async forecast(place, days) {
      const fields = "temperature_2m_max,temperature_2m_min,precipitation_probability_max,weather_code";
      const { daily } = await getJson(forecastUrl(place, { daily: fields, forecast_days: String(days) }), dailyAnswer);
      return daily.time.map((date, day) => {
        const code = daily.weather_code[day] ?? null;
        return {
          date,
          conditions: code === null ? null : describeWeatherCode(code),
          max_temperature_c: daily.temperature_2m_max[day] ?? null,
          min_temperature_c: daily.temperature_2m_min[day] ?? null,
          precipitation_percent: daily.precipitation_probability_max[day] ?? null,
        };
      });
    },
  };
}

function checkUrls(urls: Readonly<Record<string, string>>): void {
  for (const [name, url] of Object.entries(urls)) {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new Error(`${name} must be an http or https URL.`);
    }
  }
}

function toPlace(result: z.output<typeof geocodingAnswer>["results"][number]): Place {
  return {
    name: result.name,
    region: result.admin1,
    country: result.country,
    countryCode: result.country_code,
    latitude: result.latitude,
    longitude: result.longitude,
    population: result.population ?? 0,
  };
}

function urlOf(base: string, path: string, query: Record<string, string | number>): URL {
  const url = new URL(path, base.endsWith("/") ? base : `${base}/`);
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.set(name, String(value));
  }
  return url;
}
