/** The application's name on the login page. */
export const NAME = "mcp-auth0-minimal";

/** What every token must carry, unless `.env` says otherwise. */
export const REQUIRED_SCOPES = "openid";

/** The API that tokens are for, unless `.env` says otherwise. */
export const AUDIENCE = "https://mcp.example.com/api";

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
 * Starts what your tools call, such as a database. So far they call nothing.
 *
 * @param {ServiceOptions} _options
 * @returns {Promise<Services | undefined>}
 */
export const startServices = async (_options) => undefined;
