import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../logger.ts";
import { outgoing } from "../../../outgoing.ts";
import { DocumentError, type GuardedFetch } from "./guarded-fetch.ts";

/** Hosts of clients that are in wide use and never register once they are told that their document will do. */
export const KNOWN_CLIENT_HOSTS: ReadonlySet<string> = new Set([
  "chatgpt.com",
  "claude.ai",
  "claude.com",
  "openai.com",
  "vscode.dev",
]);

/** Seconds for which clients register after a known host could not be reached. */
const PAUSE = 600;

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
  const isKeptBack = hosts === undefined && [...KNOWN_CLIENT_HOSTS].some(isProxied);
  let pausedUntil = Number.NEGATIVE_INFINITY;
  if (isKeptBack) {
    logger.warn(
      { event: "client-documents-not-advertised" },
      `Clients are told to register instead of using their metadata documents: HTTPS_PROXY is set, and documents are fetched directly. If this machine reaches their hosts directly, list these in ${variable}, such as ["claude.ai", "chatgpt.com"]. If it doesn't, set ${variable} to [].`,
    );
  }

  function pause(host: string, { message }: DocumentError): void {
    if (pausedUntil <= clock()) {
      logger.warn(
        { event: "client-documents-not-advertised", host },
        `The metadata document of a client at ${host} can't be fetched. ${message} For ${PAUSE / 60} minutes, clients are told to register instead. If this machine reaches no hosts on the internet, set ${variable} to [].`,
      );
    }
    pausedUntil = clock() + PAUSE;
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
        if (KNOWN_CLIENT_HOSTS.has(host) && error instanceof DocumentError && error.isUnreached) {
          pause(host, error);
        }
        throw error;
      }
    },
    isAdvertised: () => hosts?.length !== 0 && !isKeptBack && pausedUntil <= clock(),
  };
}

function isProxied(host: string): boolean {
  return outgoing().proxyOf(`https://${host}/`) !== undefined;
}
