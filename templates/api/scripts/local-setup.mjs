import { startNotesApi } from "./notes-api.mjs";

/** The application's name on the login page. */
export const NAME = "mcp-auth0-notes";

/** What every token must carry, unless `.env` says otherwise. */
export const REQUIRED_SCOPES = "openid notes:read";

/** The API that tokens are for, unless `.env` says otherwise. */
export const AUDIENCE = "https://mcp.example.com/api";

/** The API that the tools call. */
const NOTES_AUDIENCE = "https://notes.example.com/api";

/** What this server exchanges tokens by: at Auth0, a Custom API client. */
const EXCHANGE_CLIENT_ID = "dev-auth0-exchange";
const EXCHANGE_CLIENT_SECRET = "dev-auth0-exchange-secret";

/**
 * @typedef {object} TenantExtension What the local stand-in has besides this server's application and API.
 * @property {readonly import("dev-auth0").Application[]} [applications]
 * @property {readonly import("dev-auth0").Api[]} [apis]
 * @property {Readonly<Record<string, string>>} [env] Settings of the server that go with them.
 */

/**
 * @param {string} audience The API that this server's tokens are for.
 * @returns {TenantExtension}
 */
export const extendTenant = (audience) => ({
  applications: [
    {
      clientId: EXCHANGE_CLIENT_ID,
      clientSecret: EXCHANGE_CLIENT_SECRET,
      type: "resource_server",
      resourceServer: audience,
    },
  ],
  apis: [{ identifier: NOTES_AUDIENCE, scopes: ["notes:read", "notes:write"] }],
  env: {
    FASTMCP_SERVER_AUTH_AUTH0_TOKEN_EXCHANGE_CLIENT_ID: EXCHANGE_CLIENT_ID,
    FASTMCP_SERVER_AUTH_AUTH0_TOKEN_EXCHANGE_CLIENT_SECRET: EXCHANGE_CLIENT_SECRET,
  },
});

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
 * Starts a stand-in for the notes API, next to the stand-in for Auth0.
 *
 * @param {ServiceOptions} options
 * @returns {Promise<Services | undefined>}
 */
export async function startServices({ issuer }) {
  if (issuer === undefined) {
    return undefined;
  }
  const { url, close } = await startNotesApi(issuer, NOTES_AUDIENCE);
  return {
    description: `The notes API is a stand-in at ${url}. It keeps notes in memory.`,
    env: { NOTES_API_URL: url, NOTES_API_AUDIENCE: NOTES_AUDIENCE },
    close,
  };
}
