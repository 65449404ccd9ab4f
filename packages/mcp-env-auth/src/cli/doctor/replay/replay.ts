import type { Finding } from "../finding.ts";
import { address, firstRequest, resourceMetadata, serverMetadata } from "./discovery-stages.ts";
import { loginPage, registration } from "./login-stages.ts";
import type { Progress, Stage } from "./progress.ts";
import type { RecordedClient } from "./recorded-client.ts";

/** What every client does from its first request to the login, in this order. */
export const stages: readonly Stage[] = [
  address,
  firstRequest,
  resourceMetadata,
  serverMetadata,
  registration,
  loginPage,
];

/**
 * Sends what a client sends to the MCP endpoint at `url`, and to where the answers lead it, up to the login. Stops
 * where the client would stop: with a failure.
 *
 * @returns What the client has found out.
 */
export async function* replay(client: RecordedClient, url: URL): AsyncGenerator<Finding, Progress, void> {
  let progress: Progress = { client, url };
  for (const { name, run } of stages) {
    const { observations, learned } = await run(progress);
    for (const observation of observations) {
      yield { check: name, ...observation };
    }
    if (observations.some(({ status }) => status === "failure" || status === "skipped")) {
      return progress;
    }
    progress = { ...progress, ...learned };
  }
  return progress;
}
