import { createServer } from "node:http";

/**
 * @typedef {object} City
 * @property {string} name
 * @property {string} admin1
 * @property {string} country
 * @property {string} country_code ISO 3166-1 alpha-2.
 * @property {number} latitude
 * @property {number} longitude
 * @property {string} timezone
 * @property {number} population
 * @property {number} temperature Degrees Celsius.
 * @property {number} code WMO weather code.
 */

/** @type {readonly City[]} */
const CITIES = [
  city("Berlin", "Berlin", "Germany", "DE", 52.52, 13.41, "Europe/Berlin", 3_426_354, 4.3, 61),
  city("Paris", "Île-de-France", "France", "FR", 48.853, 2.349, "Europe/Paris", 2_138_551, 8.1, 3),
  city("Paris", "Texas", "United States", "US", 33.661, -95.556, "America/Chicago", 24_171, 17.4, 1),
  city("London", "England", "United Kingdom", "GB", 51.509, -0.126, "Europe/London", 8_961_989, 9.7, 51),
  city("Lisbon", "Lisbon", "Portugal", "PT", 38.717, -9.133, "Europe/Lisbon", 517_802, 16.2, 0),
  city("São Paulo", "São Paulo", "Brazil", "BR", -23.548, -46.636, "America/Sao_Paulo", 12_400_232, 24.8, 80),
  city("Tokyo", "Tokyo", "Japan", "JP", 35.69, 139.692, "Asia/Tokyo", 9_733_276, 13.9, 2),
  city("Sydney", "New South Wales", "Australia", "AU", -33.868, 151.207, "Australia/Sydney", 5_557_233, 22.6, 1),
  city("Nairobi", "Nairobi County", "Kenya", "KE", -1.283, 36.817, "Africa/Nairobi", 4_750_056, 21.3, 95),
  city("Oslo", "Oslo", "Norway", "NO", 59.913, 10.746, "Europe/Oslo", 717_710, -3.2, 73),
  city("New York", "New York", "United States", "US", 40.714, -74.006, "America/New_York", 8_804_190, 7.5, 2),
  city("Springfield", "Missouri", "United States", "US", 37.215, -93.298, "America/Chicago", 169_176, 11.2, 3),
  city("Springfield", "Massachusetts", "United States", "US", 42.101, -72.59, "America/New_York", 155_929, 5.6, 63),
  city("Springfield", "Illinois", "United States", "US", 39.802, -89.644, "America/Chicago", 116_250, 9.4, 45),
  city("Cambridge", "England", "United Kingdom", "GB", 52.2, 0.117, "Europe/London", 145_700, 8.8, 53),
  city("Cambridge", "Massachusetts", "United States", "US", 42.375, -71.106, "America/New_York", 118_403, 5.1, 61),
];

/** Said wherever the stand-in is used, so that nobody takes its answers for the weather. */
export const SAMPLE_DATA_NOTICE = "The weather is sample data, served on this machine in place of Open-Meteo.";

/**
 * Starts a local service that answers in the shape of Open-Meteo's geocoding and forecast APIs, for a dozen cities and
 * always the same weather.
 *
 * @param {Readonly<{ port?: number }>} [options] `port` 0, the default, takes any free one.
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startOpenMeteoStandIn({ port = 0 } = {}) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const [status, body] = answer(pathname, searchParams);
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(undefined));
  });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * @param {string} path
 * @param {URLSearchParams} query
 * @returns {[status: number, body: object]}
 */
function answer(path, query) {
  if (path === "/v1/search") {
    return [200, search(query.get("name") ?? "")];
  }
  const place = path === "/v1/forecast" ? nearest(query) : undefined;
  if (place === undefined) {
    return [404, { error: true, reason: "Not Found" }];
  }
  return [200, forecast(place, query)];
}

/** @param {string} name */
function search(name) {
  const wanted = plain(name);
  const found = CITIES.filter((place) => wanted.length > 1 && plain(place.name).startsWith(wanted));
  const results = found.map(({ temperature, code, ...place }, index) => ({ id: index + 1, ...place }));
  return { ...(results.length > 0 && { results }), generationtime_ms: 0.1 };
}

/** @param {URLSearchParams} query */
function nearest(query) {
  const latitude = Number(query.get("latitude"));
  const longitude = Number(query.get("longitude"));
  return CITIES.find((place) => place.latitude === latitude && place.longitude === longitude);
}

/**
 * @param {City} place
 * @param {URLSearchParams} query
 */
function forecast(place, query) {
  const now = new Date();
  const days = Array.from({ length: Number(query.get("forecast_days") ?? 7) }, (_, day) => day);
  return {
    latitude: place.latitude,
    longitude: place.longitude,
    timezone: place.timezone,
    ...(query.has("current") && {
      current: {
        time: localTime(now, place.timezone),
        interval: 900,
        temperature_2m: place.temperature,
        relative_humidity_2m: 72,
        wind_speed_10m: 11.5,
        weather_code: place.code,
      },
    }),
    ...(query.has("daily") && {
      daily: {
        time: days.map((day) => localTime(new Date(now.getTime() + day * 86_400_000), place.timezone).slice(0, 10)),
        temperature_2m_max: days.map((day) => round(place.temperature + 2 + (day % 3))),
        temperature_2m_min: days.map((day) => round(place.temperature - 4 + (day % 2))),
        precipitation_probability_max: days.map((day) => (place.code >= 51 ? 80 - 5 * (day % 4) : 10)),
        weather_code: days.map((day) => (day === 0 ? place.code : (place.code + day) % 4)),
      },
    }),
  };
}

/**
 * As Open-Meteo writes it: the place's own time, to the minute, without an offset.
 *
 * @param {Date} date
 * @param {string} timeZone
 */
function localTime(date, timeZone) {
  return date.toLocaleString("sv-SE", { timeZone }).slice(0, 16).replace(" ", "T");
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}

/**
 * @param {string} name
 * @param {string} admin1
 * @param {string} country
 * @param {string} country_code
 * @param {number} latitude
 * @param {number} longitude
 * @param {string} timezone
 * @param {number} population
 * @param {number} temperature
 * @param {number} code
 * @returns {City}
 */
function city(name, admin1, country, country_code, latitude, longitude, timezone, population, temperature, code) {
  return { name, admin1, country, country_code, latitude, longitude, timezone, population, temperature, code };
}
