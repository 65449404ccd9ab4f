import { SAMPLE_DATA_NOTICE, startOpenMeteoStandIn } from "./open-meteo-stand-in.mjs";

/** The application's name on the login page. */
export const NAME = "mcp-auth0-weather";

/** What every token must carry, unless `.env` says otherwise. */
export const REQUIRED_SCOPES = "openid weather:read";

/** The API that tokens are for, unless `.env` says otherwise. */
export const AUDIENCE = "https://weather.example.com/api";

/**
 * @typedef {object} TenantExtension What the local stand-in has besides this server's application and API.
 * @property {readonly import("dev-auth0").Application[]} [applications]
 * @property {readonly import("dev-auth0").Api[]} [apis]
 * @property {Readonly<Record<string, string>>} [env] Settings of the server that go with them.
 */

/**
 * @param {string} _audience The API that this server's tokens are for.
 * @returns {TenantExtension}
 */
export const extendTenant = (_audience) => ({});

/**
 * @typedef {object} ServiceOptions
 * @property {readonly string[]} args Of `npm run dev`.
 * @property {string | undefined} [issuer] Of the local stand-in for Auth0, if it runs.
 */

/**
 * @typedef {object} Services
 * @property {string} description
 * @property {Readonly<Record<string, string>>} env Where the server finds them.
 * @property {() => Promise<void>} close
 */

/**
 * Starts what stands in for services that the tools call.
 *
 * @param {ServiceOptions} options
 * @returns {Promise<Services | undefined>}
 */
export async function startServices({ args }) {
  if (!args.includes("--offline")) {
    return undefined;
  }
  const { url, close } = await startOpenMeteoStandIn();
  return { description: SAMPLE_DATA_NOTICE, env: { GEOCODING_API_URL: url, WEATHER_API_URL: url }, close };
}
