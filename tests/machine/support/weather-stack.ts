import { type DevAuth0, startDevAuth0 } from "dev-auth0";
import { freePort } from "test-support/free-port";
import { startOpenMeteoStandIn } from "test-support/open-meteo-stand-in";
import { startWeatherServer, type WeatherServer } from "test-support/servers";

/** The weather server, and all that it needs, on this machine. */
export interface WeatherStack {
  /** The MCP endpoint. */
  readonly url: string;
  readonly auth0: DevAuth0;
  readonly server: WeatherServer;
  close(): Promise<void>;
}

/**
 * @param env variables of the server, in addition to those that it needs.
 * @param address where it listens, and the `BASE_URL` that clients are told. Default: a free port, and no other
 * address.
 */
export async function startWeatherStack(
  env: Readonly<Record<string, string>> = {},
  { port, baseUrl }: { readonly port?: number; readonly baseUrl?: string } = {},
): Promise<WeatherStack> {
  const [auth0, openMeteo] = await Promise.all([startDevAuth0(), startOpenMeteoStandIn()]);
  const server = await startWeatherServer({
    port: port ?? (await freePort()),
    ...(baseUrl !== undefined && { baseUrl }),
    authEnv: auth0.env,
    openMeteoUrl: openMeteo.url,
    env: { FASTMCP_RATE_LIMIT: "0", ...env },
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
