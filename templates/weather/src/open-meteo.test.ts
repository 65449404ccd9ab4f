import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOpenMeteo, type OpenMeteo } from "./open-meteo.ts";
import { type HttpStandIn, startHttpStandIn } from "./testing/http-stand-in.ts";

const BERLIN = {
  id: 2950159,
  name: "Berlin",
  latitude: 52.52437,
  longitude: 13.41053,
  country_code: "DE",
  country: "Germany",
  admin1: "State of Berlin",
  population: 3426354,
  timezone: "Europe/Berlin",
};

const ANSWERS: Readonly<Record<string, object>> = {
  "/v1/search?name=Berlin": { results: [BERLIN], generationtime_ms: 0.7 },
  "/v1/search?name=Atlantis": { generationtime_ms: 0.3 },
  "/v1/forecast?current": {
    current_units: { temperature_2m: "°C" },
    current: {
      time: "2026-11-22T21:15",
      interval: 900,
      temperature_2m: 4.3,
      relative_humidity_2m: 81,
      wind_speed_10m: 12.6,
      weather_code: 61,
    },
  },
  "/v1/forecast?daily": {
    daily: {
      time: ["2026-11-22", "2026-11-23"],
      temperature_2m_max: [6.1, null],
      temperature_2m_min: [1.2, null],
      precipitation_probability_max: [70, null],
      weather_code: [3, null],
    },
  },
};

let service: HttpStandIn;
let openMeteo: OpenMeteo;

beforeAll(async () => {
  service = await startHttpStandIn((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const about =
      pathname === "/v1/search" ? `name=${searchParams.get("name")}` : searchParams.has("daily") ? "daily" : "current";
    response.end(JSON.stringify(ANSWERS[`${pathname}?${about}`]));
  });
  openMeteo = createOpenMeteo({ geocodingUrl: service.url, weatherUrl: `${service.url}/` });
});

afterAll(() => service.close());

describe("the Open-Meteo client", () => {
  it("finds a place, and sends only its name to the geocoder", async () => {
    const place = await openMeteo.findPlace("Berlin, Germany");
    expect(place).toEqual({
      name: "Berlin",
      region: "State of Berlin",
      country: "Germany",
      countryCode: "DE",
      latitude: 52.52437,
      longitude: 13.41053,
      population: 3426354,
    });
    expect(service.requests.at(-1)).toBe("/v1/search?name=Berlin&count=20&language=en&format=json");
  });

  it("says so when there is no such place", async () => {
    await expect(openMeteo.findPlace("Atlantis")).rejects.toThrow('No place found for "Atlantis". Check the spelling.');
  });

  it("puts the current weather into words", async () => {
    const weather = await openMeteo.current(await openMeteo.findPlace("Berlin"));
    expect(weather).toEqual({
      conditions: "Light rain",
      temperature_c: 4.3,
      humidity_percent: 81,
      wind_kmh: 12.6,
      observed_at: "2026-11-22T21:15",
    });
    expect(service.requests.at(-1)).toContain("latitude=52.52437&longitude=13.41053&timezone=auto");
  });

  it("answers one entry for each day, with null for what the model has no data for", async () => {
    const days = await openMeteo.forecast(await openMeteo.findPlace("Berlin"), 2);
    expect(days).toEqual([
      {
        date: "2026-11-22",
        conditions: "Overcast",
        max_temperature_c: 6.1,
        min_temperature_c: 1.2,
        precipitation_percent: 70,
      },
      {
        date: "2026-11-23",
        conditions: null,
        max_temperature_c: null,
        min_temperature_c: null,
        precipitation_percent: null,
      },
    ]);
    expect(service.requests.at(-1)).toContain("forecast_days=2");
  });

  it("names the URL that can't be right", () => {
    expect(() => createOpenMeteo({ weatherUrl: "ftp://weather.test" })).toThrow(
      "weatherUrl must be an http or https URL",
    );
    expect(() => createOpenMeteo({ geocodingUrl: "" })).toThrow("geocodingUrl must be an http or https URL");
  });
});
