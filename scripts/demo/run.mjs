import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { freePort } from "test-support/free-port";
import { SAMPLE_DATA_NOTICE, startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startProcess } from "test-support/processes";
import { scaffoldProject } from "../support/scaffold.mjs";
import { paint } from "../support/terminal.mjs";
import { askForWeather } from "./ask-for-weather.mjs";
import { Narrator } from "./narrator.mjs";

const TIMEOUT = 60_000;
const PORT = 8000;
/** Where the .env of a new project expects it. */
const DEV_AUTH0_PORT = 4400;

/**
 * Creates a project as a newcomer would, builds and starts it, asks for the weather as an MCP client does, and removes
 * everything.
 *
 * @returns {Promise<number>} The exit code.
 */
export async function runDemo() {
  // An exit, unlike a signal's default, ends the servers too.
  process.once("SIGINT", () => process.exit(130)).once("SIGTERM", () => process.exit(143));
  /** @type {(() => unknown)[]} */
  const stops = [];
  /** @type {(() => string)[]} */
  const logs = [];
  try {
    const narrator = new Narrator();
    const port = await freePort(PORT);
    const project = createProject(port, narrator);
    process.once("exit", project.remove);
    stops.push(project.remove);
    const openMeteo = await startOpenMeteoStandIn();
    stops.push(openMeteo.close);
    const auth0Port = await freePort(DEV_AUTH0_PORT);
    const configUrl = `http://localhost:${auth0Port}/.well-known/openid-configuration`;
    const auth0 = await startProcess({
      name: "dev-auth0",
      script: join(project.folder, "node_modules/dev-auth0/dist/cli.js"),
      args: ["--port", String(auth0Port)],
      readyUrl: configUrl,
    });
    stops.push(auth0.stop);
    logs.push(auth0.log);
    const weather = await startProcess({
      name: "The weather server",
      script: join(project.folder, "dist/server.js"),
      env: {
        FASTMCP_ENV_FILE: join(project.folder, ".env"),
        ...(auth0Port !== DEV_AUTH0_PORT && { FASTMCP_SERVER_AUTH_AUTH0_CONFIG_URL: configUrl }),
        GEOCODING_API_URL: openMeteo.url,
        WEATHER_API_URL: openMeteo.url,
      },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
    });
    stops.push(weather.stop);
    logs.push(weather.log);
    const url = `http://localhost:${port}/mcp`;
    console.log(`
${paint("bold", "An MCP server behind Auth0")}, configured by its .env alone

   The server    ${url}
   The provider  http://localhost:${auth0Port}/ (dev-auth0, a local stand-in for an Auth0 tenant)
   ${SAMPLE_DATA_NOTICE}`);
    await within(TIMEOUT, askForWeather(url, narrator));
    console.log(`\n${paint("green", "Done.")} npm start keeps both servers up, for an MCP client of your own.`);
    return 0;
  } catch (error) {
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
    for (const log of logs) {
      console.error(`\n${log()}`);
    }
    return 1;
  } finally {
    for (const stop of stops.reverse()) {
      await stop();
    }
  }
}

/**
 * @param {number} port
 * @param {Narrator} narrator
 */
function createProject(port, narrator) {
  narrator.step("A project is created and built");
  const args = ["--local", "--base-url", `http://localhost:${port}`];
  narrator.command(`npm create mcp-auth0-server weather -- ${args.join(" ")}`);
  const project = scaffoldProject("weather", args);
  narrator.command("npm run build");
  const tsc = join(project.folder, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc], { cwd: project.folder, encoding: "utf8" });
  if (status === 0) {
    return project;
  }
  project.remove();
  throw new Error(`the project can't be built:\n${stdout}`);
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
