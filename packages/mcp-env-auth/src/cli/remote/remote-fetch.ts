import { readOutgoing } from "../../env/outgoing-settings.ts";
import { ConfigError } from "../../errors.ts";
import { describeConnectionFailure } from "../../lib/connection-failure.ts";
import { createTransport } from "../../outgoing/transport.ts";
import { type OutgoingTransport, outgoing } from "../../outgoing.ts";
import type { CliContext } from "../command.ts";
import { readServerEnvironment } from "../server-environment.ts";

export type RemoteFetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that leaves this machine as the server's requests would: by the proxies and certificate authorities of the
 * environment. Its failures name the host and the cause, where the platform's say "fetch failed".
 */
export async function openRemoteFetch(context: CliContext): Promise<RemoteFetch> {
  const transport = await readTransport(context);
  return async (input, init = {}) => {
    try {
      return await transport.fetch(String(input), init);
    } catch (error) {
      const { kind, reason, advice = "" } = describeConnectionFailure(error);
      const next = kind === "refused" ? "Is the server running?" : advice;
      throw new Error(`${new URL(input).host} can't be reached: ${reason}. ${next}`.trimEnd(), { cause: error });
    }
  };
}

/** Without proxies and authorities of its own, or where the env file can't be read: another server may be asked for. */
async function readTransport(context: CliContext): Promise<OutgoingTransport> {
  try {
    const { environment } = readServerEnvironment(context);
    return (await createTransport(readOutgoing(environment).settings)) ?? outgoing();
  } catch (error) {
    if (error instanceof ConfigError) {
      return outgoing();
    }
    throw error;
  }
}
