import { BoundedMap } from "../../../lib/bounded-map.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../logger.ts";
import { outgoing } from "../../../outgoing.ts";
import { ANY_HOST, isListedByName } from "./document-url.ts";
import { DocumentError, type GuardedFetch, TooManyFetches } from "./guarded-fetch.ts";

/** Hosts of clients that are in wide use and never register once they are told that their document will do. */
export const KNOWN_CLIENT_HOSTS: ReadonlySet<string> = new Set([
  "chatgpt.com",
  "claude.ai",
  "claude.com",
  "openai.com",
  "vscode.dev",
]);

/** Seconds for which clients register after a known host could not be reached, and between two warnings of one host. */
const PAUSE = 600;

/** How many hosts are remembered as warned of. */
const WARNED_HOSTS = 100;

export interface DocumentReachOptions {
  readonly fetch: GuardedFetch;
  /** Hosts whose documents are taken; without a list any public one, with an empty one none. */
  readonly hosts: readonly string[] | undefined;
  /** What sets the list. */
  readonly variable: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whether documents of clients can be fetched from here. */
export interface DocumentReach {
  /** `fetch`, from whose outcomes it learns. */
  readonly fetch: GuardedFetch;
  /**
   * Whether the metadata says that a client id may be a document (`client_id_metadata_document_supported`). Clients
   * choose by that and never fall back to registration. Client ids that are documents are accepted either way.
   */
  isAdvertised(): boolean;
}

/**
 * Learns from the fetches of known hosts alone. What strangers name changes nothing: a host that nobody can reach would
 * otherwise turn the documents of all clients off, and one that everybody reaches would turn them on.
 */
export function createDocumentReach(options: DocumentReachOptions): DocumentReach {
  const { hosts, variable, clock, logger } = options;
  const isKeptBack = hosts?.length !== 0 && !(hosts ?? [ANY_HOST]).some(canBeReached);
  const warned = new BoundedMap<true>({ capacity: WARNED_HOSTS, whenFull: "evict", clock });
  let pausedUntil = Number.NEGATIVE_INFINITY;
  if (isKeptBack) {
    logger.warn(
      { event: "client-documents-not-advertised" },
      `Clients are told to register instead of using their metadata documents: HTTPS_PROXY is set, and documents are fetched through it only from hosts that are listed one by one. Set ${variable} to their hosts, such as ["claude.ai", "chatgpt.com"]; if this machine reaches them directly, name them in NO_PROXY as well. To have all clients register, use [].`,
    );
  }
  const proxied = hosts?.filter((host) => !host.includes(ANY_HOST) && isProxied(host)) ?? [];
  if (proxied.length > 0) {
    logger.info(
      { event: "client-documents-proxied", hosts: proxied },
      `Documents of clients at ${proxied.join(", ")} are fetched through HTTPS_PROXY. The proxy resolves their names, so the server checks their certificates, but not their addresses.`,
    );
  }

  /** What the operator can do about a host that can't be reached without the proxy. */
  function adviceOnRoute(url: string): string {
    return isListedByName(url, hosts) || !isProxied(new URL(url).host)
      ? ""
      : ` It was asked directly: HTTPS_PROXY is used only for hosts that ${variable} lists by name.`;
  }

  function pause(host: string, message: string): void {
    if (pausedUntil <= clock()) {
      logger.warn(
        { event: "client-documents-not-advertised", host },
        `The metadata document of a client at ${host} can't be fetched. ${message} For ${PAUSE / 60} minutes, clients are told to register instead. If this machine reaches no hosts on the internet, set ${variable} to [].`,
      );
    }
    pausedUntil = clock() + PAUSE;
  }

  function warnOf(host: string, message: string): void {
    if (!warned.has(host)) {
      warned.set(host, true, clock() + PAUSE);
      logger.warn(
        { event: "client-document-unavailable", host },
        `The document or the keys of a client at ${host} can't be fetched. ${message} A copy that was fetched before is used for a day. Without one, logins with this client fail until the host answers; sessions go on. If this lasts, set ${variable} to [], so that clients register instead.`,
      );
    }
  }

  return {
    fetch: async (url, maxBytes) => {
      const { host } = new URL(url);
      try {
        const document = await options.fetch(url, maxBytes);
        if (KNOWN_CLIENT_HOSTS.has(host)) {
          pausedUntil = Number.NEGATIVE_INFINITY;
        }
        return document;
      } catch (error) {
        const isOutage = error instanceof DocumentError && error.kind === "unavailable";
        if (isOutage && !(error instanceof TooManyFetches)) {
          const message = error.isUnreached ? error.message + adviceOnRoute(url) : error.message;
          if (error.isUnreached && KNOWN_CLIENT_HOSTS.has(host)) {
            pause(host, message);
          } else {
            warnOf(host, message);
          }
        }
        throw error;
      }
    },
    isAdvertised: () => hosts?.length !== 0 && !isKeptBack && pausedUntil <= clock(),
  };
}

/** Whether documents of the hosts that an item of the list stands for can be fetched where there is a proxy. */
function canBeReached(item: string): boolean {
  if (item === ANY_HOST) {
    return ![...KNOWN_CLIENT_HOSTS].some(isProxied);
  }
  return !item.includes(ANY_HOST) || !isProxied(item.replace(ANY_HOST, "any"));
}

function isProxied(host: string): boolean {
  return outgoing().proxyOf(`https://${host}/`) !== undefined;
}
