import { once } from "node:events";
import { freePort } from "test-support/free-port";
import { SAMPLE_DATA_NOTICE, startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startDevAuth0, startWeatherServer, USERS } from "test-support/servers";
import { paint } from "../support/terminal.mjs";

const WEATHER_PORT = 8000;
const DEV_AUTH0_PORT = 4400;

/**
 * Keeps the servers up until Ctrl+C.
 *
 * @returns {Promise<number>} The exit code.
 */
export async function serve() {
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  let isGreeted = false;
  const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  try {
    const openMeteo = await startOpenMeteoStandIn();
    stops.push(openMeteo.close);
    const auth0 = await startDevAuth0({ port: DEV_AUTH0_PORT, host: "localhost" });
    stops.push(auth0.stop);
    const port = await freePort(WEATHER_PORT);
    const weather = await startWeatherServer({
      port,
      baseUrl: `http://localhost:${port}`,
      authEnv: auth0.env,
      openMeteoUrl: openMeteo.url,
      env: {
        FASTMCP_LOG_FORMAT: "text",
        FASTMCP_LOG_REQUESTS: "true",
        ...(process.stdout.isTTY && { FORCE_COLOR: "1" }),
      },
      // What it says of its start is for those who configure it.
      onOutput: (text) => void (isGreeted && process.stdout.write(text)),
    });
    stops.push(weather.stop);
    greet(weather.url, auth0.issuer);
    isGreeted = true;
    const ended = await Promise.race([
      interrupted.then(() => undefined),
      auth0.exited.then(() => ({ name: "dev-auth0", log: auth0.log() })),
      weather.process().exited.then(() => ({ name: "The weather server", log: weather.process().log() })),
    ]);
    if (ended === undefined) {
      return 0;
    }
    console.error(`${ended.name} has ended. Its log:\n${ended.log}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
  return 1;
}

/**
 * @param {string} url
 * @param {string} issuer
 */
function greet(url, issuer) {
  const users = USERS.map(({ username, may }) => `  ${username.padEnd(8)}may use ${may}`).join("\n");
  console.log(`
${paint("bold", "The weather server is up.")} Add this URL to an MCP client, as a server over HTTP:

  ${paint("cyan", url)}

The client opens your browser: allow it, and log in as one of
${users}

Logins go to dev-auth0 at ${issuer}, a stand-in for an Auth0 tenant.
${SAMPLE_DATA_NOTICE}
Ctrl+C stops everything. Requests, logins and calls follow here.
`);
}
