import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What the service takes for an answer. */
const LATENCY_MS = 500;

/** In the place of Open-Meteo: slow, and without any city. */
export interface SlowWeather {
  /** The variables of a server that asks it. */
  readonly env: Readonly<Record<string, string>>;
  /** The most requests that it was answering at once. */
  most(): number;
  close(): Promise<void>;
}

export async function startSlowWeather(): Promise<SlowWeather> {
  let underWay = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    request.resume();
    underWay += 1;
    most = Math.max(most, underWay);
    await sleep(LATENCY_MS);
    underWay -= 1;
    response.setHeader("Content-Type", "application/json").end("{}");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    env: { GEOCODING_API_URL: url, WEATHER_API_URL: url },
    most: () => most,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
