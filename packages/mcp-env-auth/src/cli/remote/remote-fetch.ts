import { readOutgoing } from "../../env/outgoing-settings.ts";
import { ConfigError } from "../../errors.ts";
import { describeConnectionFailure } from "../../lib/connection-failure.ts";
import { createTransport } from "../../outgoing/transport.ts";
import { type OutgoingTransport, outgoing } from "../../outgoing.ts";
import type { CliContext } from "../command.ts";
import { readServerEnvironment } from "../server-environment.ts";
import { checkWebUrl } from "./web-browser.ts";

export type RemoteFetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

/** Redirects on the way to one document. */
const MOST_HOPS = 3;

/**
 * A `fetch` that leaves this machine as the server's requests would: by the proxies and certificate authorities of the
 * environment. Its failures name the host and the cause, where the platform's say "fetch failed".
 *
 * It sends nothing over http, except on this machine: a server chooses where its metadata, its endpoints and its
 * redirects are. Only what holds neither a body nor a token follows redirects.
 */
export async function openRemoteFetch(context: CliContext): Promise<RemoteFetch> {
  const transport = await readTransport(context);

  async function sendTo(url: URL, init: RequestInit): Promise<Response> {
    checkWebUrl(url);
    try {
      return await transport.fetch(url.href, init);
    } catch (error) {
      const { kind, reason, advice = "" } = describeConnectionFailure(error);
      const next = kind === "refused" ? "Is the server running?" : advice;
      throw new Error(`${url.host} can't be reached: ${reason}. ${next}`.trimEnd(), { cause: error });
    }
  }

  return async (input, init = {}) => {
    let url = new URL(input);
    const mayFollow = init.redirect === undefined || init.redirect === "follow";
    for (let hops = 0; ; hops++) {
      const response = await sendTo(url, mayFollow ? { ...init, redirect: "manual" } : init);
      const location = response.headers.get("location");
      if (!mayFollow || location === null || response.status < 300 || response.status > 399) {
        return response;
      }
      await response.body?.cancel();
      const next = new URL(location, url);
      if (!holdsNothing(init) || hops === MOST_HOPS) {
        throw new Error(`${url.href} redirects to ${next.href}, which is not followed.`);
      }
      url = next;
    }
  };
}

function holdsNothing({ method = "GET", headers }: RequestInit): boolean {
  return method === "GET" && !new Headers(headers).has("authorization");
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
