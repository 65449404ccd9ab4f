import { SAMPLE_DATA_NOTICE, startOpenMeteoStandIn } from "../open-meteo-stand-in.mjs";
import { freePort } from "../support/free-port.mjs";
import { startDevAuth0, startWeatherServer } from "../support/servers.mjs";
import { paint } from "../support/terminal.mjs";
import { askForWeather } from "./ask-for-weather.mjs";
import { Narrator } from "./narrator.mjs";

const TIMEOUT = 60_000;

/**
 * Starts everything, asks for the weather as an MCP client does, and stops everything.
 *
 * @returns {Promise<number>} The exit code.
 */
export async function runDemo() {
  // An exit, unlike a signal's default, ends the servers too.
  process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  /** @type {(() => string)[]} */
  const logs = [];
  try {
    const openMeteo = await startOpenMeteoStandIn();
    stops.push(openMeteo.close);
    const auth0 = await startDevAuth0();
    stops.push(auth0.stop);
    logs.push(auth0.log);
    const weather = await startWeatherServer({
      port: await freePort(),
      authEnv: auth0.env,
      openMeteoUrl: openMeteo.url,
    });
    stops.push(weather.stop);
    logs.push(() => weather.process().log());
    console.log(`
${paint("bold", "An MCP server behind Auth0")}, configured by environment variables alone

   The server    ${weather.url}
   The provider  ${auth0.issuer} (dev-auth0, a local stand-in for an Auth0 tenant)
   ${SAMPLE_DATA_NOTICE}`);
    await within(TIMEOUT, askForWeather(weather.url, new Narrator()));
    console.log(`\n${paint("green", "Done.")} npm start keeps both servers up, for an MCP client of your own.`);
    return 0;
  } catch (error) {
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
    for (const log of logs) console.error(`\n${log()}`);
    return 1;
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

/**
 * @param {number} milliseconds
 * @param {Promise<void>} work
 */
async function within(milliseconds, work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${milliseconds / 1000} s`)), milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
