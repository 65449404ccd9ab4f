import { startDevAuth0 } from "dev-auth0";
import { readVariable } from "mcp-env-auth";

/** The permissions of the API at Auth0, for the local stand-in. Name those of your own tools here. */
const PERMISSIONS = ["weather:read", "weather:write"];

const REQUIRED_SCOPES = "openid weather:read";
const LOCAL_CONFIG_URL = "http://localhost:4400/.well-known/openid-configuration";
const AUTH0_PROVIDER = /(^|[.:])auth0(provider)?$/i;
const OIDC_SCOPES = new Set(["openid", "profile", "email", "offline_access"]);

/**
 * @typedef {object} Login
 * @property {string} description Where users log in, for people.
 * @property {Readonly<Record<string, string>>} env What the server has to be told beside its own settings.
 * @property {() => Promise<void>} close
 */

/**
 * Starts a local stand-in for Auth0, as the settings name it or with defaults where they name nothing. Where they name
 * a real tenant or another provider, there is nothing to start.
 *
 * @returns {Promise<Login>}
 */
export async function openLogin() {
  const provider = setting("FASTMCP_SERVER_AUTH");
  const given = auth0Setting("CONFIG_URL");
  if (provider !== undefined && !AUTH0_PROVIDER.test(provider)) {
    return configured(provider);
  }
  if (given !== undefined && !isLocal(given)) {
    return configured(given);
  }

  const baseUrl = auth0Setting("BASE_URL") ?? `http://localhost:${setting("FASTMCP_PORT") ?? 8000}`;
  const scopes = auth0Setting("REQUIRED_SCOPES") ?? REQUIRED_SCOPES;
  const auth0 = await start(new URL(given ?? LOCAL_CONFIG_URL), tenant(scopes), given === undefined);
  const env = {
    ...auth0.env(baseUrl),
    FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: scopes,
    FASTMCP_LOG_REQUESTS: "true",
  };
  return {
    description: `${describe(auth0)}\n\nClients connect to ${baseUrl}${setting("FASTMCP_STREAMABLE_HTTP_PATH") ?? "/mcp"}`,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => setting(name) === undefined)),
    close: () => auth0.close(),
  };
}

/** @param {string} name @returns {string | undefined} Also for an empty value. */
function setting(name) {
  return readVariable(name) || undefined;
}

/** @param {string} name */
function auth0Setting(name) {
  return setting(`FASTMCP_SERVER_AUTH_AUTH0_${name}`);
}

/** @param {string} url */
function isLocal(url) {
  return URL.canParse(url) && ["127.0.0.1", "localhost"].includes(new URL(url).hostname);
}

/**
 * @param {string} where
 * @returns {Login}
 */
function configured(where) {
  return { description: `Users log in at ${where}, as configured.`, env: {}, close: async () => {} };
}

/**
 * The application and the API as the settings name them.
 *
 * @param {string} scopes
 * @returns {import("dev-auth0").TenantOptions}
 */
function tenant(scopes) {
  const required = scopes.split(/[\s,"[\]]+/).filter((scope) => scope !== "" && !OIDC_SCOPES.has(scope));
  return {
    applications: [
      {
        clientId: auth0Setting("CLIENT_ID") ?? "dev-auth0-client",
        clientSecret: auth0Setting("CLIENT_SECRET") ?? "dev-auth0-client-secret",
        type: "regular_web",
        name: "mcp-auth0-weather",
      },
    ],
    apis: [
      {
        identifier: auth0Setting("AUDIENCE") ?? "https://weather.example.com/api",
        scopes: [...new Set([...PERMISSIONS, ...required])],
      },
    ],
  };
}

/**
 * @param {URL} configUrl
 * @param {import("dev-auth0").TenantOptions} options
 * @param {boolean} anyPort Whether another port will do when this one is taken.
 */
async function start({ hostname, port }, options, anyPort) {
  const host = hostname === "localhost" ? hostname : "127.0.0.1";
  try {
    return await startDevAuth0({ ...options, host, port: Number(port || 80) });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) {
      throw error;
    }
    if (anyPort) {
      return startDevAuth0({ ...options, host });
    }
    throw new Error(
      `Port ${port} is taken, and FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL puts the local Auth0 there. Stop what listens on it, or choose another port.`,
      { cause: error },
    );
  }
}

/** @param {import("dev-auth0").DevAuth0} auth0 */
function describe({ issuer, users }) {
  const lines = users.map(
    ({ username, permissions }) => `  ${username.padEnd(8)}${permissions.join(", ") || "nothing"}`,
  );
  return `Users log in at ${issuer}, a local stand-in for Auth0, where anybody can be anybody:\n${lines.join("\n")}`;
}
