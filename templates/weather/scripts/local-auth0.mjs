import { startDevAuth0 } from "dev-auth0";
import { readVariable } from "mcp-env-auth";
import { AUDIENCE, extendTenant, NAME, REQUIRED_SCOPES } from "./local-setup.mjs";

/** Logins outlive a restart. The file holds keys: .gitignore keeps it out of commits. */
const STATE_FILE = ".dev-auth0.json";

const LOCAL_CONFIG_URL = "http://localhost:4400/.well-known/openid-configuration";
const CONFIG_URL = "FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL";
const AUTH0_PROVIDER = /(^|[.:])auth0(provider)?$/i;
/** @type {Readonly<Record<string, string>>} */
const MAY = {
  alice: "everything that a tool asks for",
  bob: "what every login needs, and no more",
  carol: "nothing",
  dave: "as bob, in the organization org_acme",
};
const OIDC_SCOPES = new Set(["openid", "profile", "email", "offline_access"]);

/**
 * @typedef {object} Login
 * @property {string} description Where users log in, for people.
 * @property {Readonly<Record<string, string>>} env What the server needs in addition to its own settings.
 * @property {string} [issuer] Of the stand-in, if there is one.
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
  const wanted = new URL(given ?? LOCAL_CONFIG_URL);
  const audience = auth0Setting("AUDIENCE") ?? AUDIENCE;
  const more = extendTenant(audience);
  const auth0 = await startDevAuth0({
    ...tenant(scopes, audience, more),
    host: wanted.hostname === "localhost" ? "localhost" : "127.0.0.1",
    port: Number(wanted.port || 80),
    nextFreePort: true,
    stateFile: STATE_FILE,
  });
  const moved = new URL(auth0.configUrl).port !== wanted.port;
  const local = auth0.env(baseUrl);
  const env = {
    ...local,
    ...more.env,
    FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: scopes,
    FASTMCP_LOG_REQUESTS: "true",
  };
  return {
    description: `${describe(auth0)}\n\nClients connect to ${baseUrl}${setting("FASTMCP_STREAMABLE_HTTP_PATH") ?? "/mcp"}`,
    env: {
      ...Object.fromEntries(Object.entries(env).filter(([name]) => setting(name) === undefined)),
      // Where something else has the port that the settings name, the server is told where to look instead.
      ...(moved && { [CONFIG_URL]: local[CONFIG_URL] ?? "" }),
    },
    issuer: auth0.issuer,
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
 * The application and the API as the settings name them, and what this server needs besides.
 *
 * @param {string} scopes
 * @param {string} audience
 * @param {import("./local-setup.mjs").TenantExtension} more
 * @returns {import("dev-auth0").TenantOptions}
 */
function tenant(scopes, audience, { applications = [], apis = [] }) {
  const required = scopes.split(/[\s,"[\]]+/).filter((scope) => scope !== "" && !OIDC_SCOPES.has(scope));
  return {
    applications: [
      {
        clientId: auth0Setting("CLIENT_ID") ?? "dev-auth0-client",
        clientSecret: auth0Setting("CLIENT_SECRET") ?? "dev-auth0-client-secret",
        type: "regular_web",
        name: NAME,
      },
      ...applications,
    ],
    apis: [
      {
        identifier: audience,
        scopes: required,
        // The tools' own: the server asks for them at a login.
        learnScopes: true,
      },
      ...apis,
    ],
  };
}

/** @param {import("dev-auth0").DevAuth0} auth0 */
function describe({ issuer, users }) {
  const lines = users.map(({ username }) => `  ${username.padEnd(8)}${MAY[username] ?? "as Auth0 says"}`);
  return `Users log in at ${issuer}, a local stand-in for Auth0, where anybody can be anybody:\n${lines.join("\n")}`;
}
