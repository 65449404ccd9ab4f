import { freePort } from "./free-port.mjs";
import { DEV_AUTH0, startProcess, WEATHER_SERVER } from "./processes.mjs";

/** @import { RunningProcess } from "./processes.mjs" */

/** Who can log in at dev-auth0, and what they may do. */
export const USERS = [
  { username: "alice", may: "weather:read, weather:write" },
  { username: "bob", may: "weather:read" },
  { username: "carol", may: "nothing" },
];

/**
 * Starts dev-auth0's command.
 *
 * @param {{ port?: number, host?: "127.0.0.1" | "localhost" }} [options] `port` is taken when it is free; `host` is
 * what the issuer is called.
 * @returns {Promise<RunningProcess & { issuer: string, env(baseUrl: string): Record<string, string> }>} `env`: the
 * variables of a server at `baseUrl` that logs its users in there.
 */
export async function startDevAuth0({ port: preferred, host = "127.0.0.1" } = {}) {
  const port = await freePort(preferred);
  const issuer = `http://${host}:${port}/`;
  const configUrl = `${issuer}.well-known/openid-configuration`;
  const application = { clientId: "weather-server", clientSecret: "weather-server-secret" };
  const audience = "https://weather.example.com/api";
  const running = await startProcess({
    name: "dev-auth0",
    script: DEV_AUTH0,
    args: [
      ...["--port", String(port), "--host", host, "--audience", audience],
      ...["--scope", "weather:read", "--scope", "weather:write"],
      ...["--client-id", application.clientId, "--client-secret", application.clientSecret],
    ],
    readyUrl: configUrl,
  });
  return {
    ...running,
    issuer,
    env: (baseUrl) => ({
      FASTMCP_SERVER_AUTH: "fastmcp.server.auth.providers.auth0.Auth0Provider",
      FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: configUrl,
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID: application.clientId,
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_SECRET: application.clientSecret,
      FASTMCP_SERVER_AUTH_AUTH0_AUDIENCE: audience,
      FASTMCP_SERVER_AUTH_AUTH0_BASE_URL: baseUrl,
      // A demonstration needs no internet: clients register.
      FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID_METADATA_HOSTS: "[]",
    }),
  };
}

/**
 * @typedef {object} WeatherServerOptions
 * @property {number} port
 * @property {(baseUrl: string) => Record<string, string>} authEnv The variables of its provider.
 * @property {string} openMeteoUrl
 * @property {string} [baseUrl] Where clients find it, when that is another port than its own.
 * @property {Readonly<Record<string, string>>} [env] Over all others.
 * @property {(text: string) => void} [onOutput] Told what it writes, as it comes.
 *
 * @typedef {object} WeatherServer
 * @property {string} url The MCP endpoint.
 * @property {() => RunningProcess} process The present one.
 * @property {(env?: Readonly<Record<string, string>>) => Promise<void>} restart SIGKILL, and a new process in its place; `env` over all others, from now on.
 * @property {() => Promise<void>} stop
 */

/**
 * Starts the weather server, as `npm run build` leaves it, with nothing but an environment.
 *
 * @param {WeatherServerOptions} options
 * @returns {Promise<WeatherServer>}
 */
export async function startWeatherServer({
  port,
  authEnv,
  openMeteoUrl,
  baseUrl = `http://127.0.0.1:${port}`,
  env = {},
  onOutput,
}) {
  let settings = env;
  const start = () =>
    startProcess({
      name: "The weather server",
      script: WEATHER_SERVER,
      env: {
        ...authEnv(baseUrl),
        FASTMCP_SERVER_AUTH_AUTH0_REQUIRED_SCOPES: "openid weather:read",
        FASTMCP_PORT: String(port),
        GEOCODING_API_URL: openMeteoUrl,
        WEATHER_API_URL: openMeteoUrl,
        ...settings,
      },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      ...(onOutput !== undefined && { onOutput }),
    });
  let running = await start();
  return {
    url: `${baseUrl}/mcp`,
    process: () => running,
    async restart(changes = {}) {
      settings = { ...settings, ...changes };
      await running.kill();
      running = await start();
    },
    stop: () => running.stop(),
  };
}
