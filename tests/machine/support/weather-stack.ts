import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { startOpenMeteoStandIn } from "../../../scripts/open-meteo-stand-in.mjs";
import { freePort } from "../../../scripts/support/free-port.mjs";
import { startWeatherServer, type WeatherServer } from "../../../scripts/support/servers.mjs";

/** The weather server, and all that it needs, on this machine. */
export interface WeatherStack {
  /** The MCP endpoint. */
  readonly url: string;
  readonly auth0: DevAuth0;
  readonly server: WeatherServer;
  close(): Promise<void>;
}

export async function startWeatherStack(): Promise<WeatherStack> {
  const [auth0, openMeteo] = await Promise.all([startDevAuth0(), startOpenMeteoStandIn()]);
  const server = await startWeatherServer({
    port: await freePort(),
    authEnv: auth0.env,
    openMeteoUrl: openMeteo.url,
    env: { FASTMCP_RATE_LIMIT: "0" },
  });
  return {
    url: server.url,
    auth0,
    server,
    async close() {
      await server.stop();
      await openMeteo.close();
      await auth0.close();
    },
  };
}
