import { freePort } from "test-support/free-port";
import { startWeatherStack, type WeatherStack } from "../../support/weather-stack.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

/** The weather server behind a recorder, which has its `BASE_URL`. */
export interface ClientStack extends WeatherStack {
  readonly recorder: Recorder;
}

/** Nothing on this machine can fetch the documents of clients, so they register. */
const NO_DOCUMENTS = { FASTMCP_SERVER_AUTH_AUTH0_CLIENT_ID_METADATA_HOSTS: "[]" };

/** @param env variables of the server, in addition to those that it needs. */
export async function startClientStack(env: Readonly<Record<string, string>> = {}): Promise<ClientStack> {
  const port = await freePort();
  const recorder = await startRecorder(port);
  const stack = await startWeatherStack({ ...NO_DOCUMENTS, ...env }, { port, baseUrl: recorder.origin });
  return {
    ...stack,
    recorder,
    async close() {
      await recorder.close();
      await stack.close();
    },
  };
}
