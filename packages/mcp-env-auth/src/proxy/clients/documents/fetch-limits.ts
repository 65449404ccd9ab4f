import type { CountedLines } from "../../../counted-lines.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";
import { MAX_NETWORKS, networkOf } from "../../../lib/client-network.ts";
import type { Clock } from "../../../lib/clock.ts";
import { DocumentError, type FetchedDocument, type GuardedFetch, TooManyFetches } from "./guarded-fetch.ts";

/** What one address may have fetched: so many documents at once, and from so many hosts in a minute. */
const AT_ONCE = 4;
const HOSTS = 8;
const WINDOW = 60;

/** Seconds for which a failure is remembered, and how many are. */
const MEMORY = 5;
const MAX_FAILURES = 2000;

export interface FetchLimitsOptions {
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly lines: CountedLines;
}

/**
 * Fetches for the client at the address `from`.
 *
 * @throws DocumentError, {@link TooManyFetches} when this address, or all together, have asked for too much.
 */
export type LimitedFetch = (url: string, maxBytes: number, from: string) => Promise<FetchedDocument>;

/**
 * Limits what one address may have fetched, since strangers name the URLs. What failed a moment ago is not tried again:
 * that URL, and all of its host where no name, no public address or no connection was found. A document that came and
 * is not good is asked for again at once, because its author may be correcting it.
 */
export function limitFetches(options: FetchLimitsOptions): LimitedFetch {
  const { clock, lines } = options;
  const running = new Map<string, number>();
  const hostsOf = new BoundedMap<Set<string>>({ capacity: MAX_NETWORKS, whenFull: "evict", clock });
  /** By URL, and by host. */
  const failures = new BoundedMap<DocumentError>({ capacity: MAX_FAILURES, whenFull: "evict", clock });

  function admit(network: string, host: string): void {
    if ((running.get(network) ?? 0) >= AT_ONCE) {
      throw refusal(`${AT_ONCE} documents are being fetched for one address already.`, 1);
    }
    const hosts = hostsOf.get(network);
    if (hosts === undefined) {
      hostsOf.set(network, new Set([host]), clock() + WINDOW);
      return;
    }
    if (!hosts.has(host) && hosts.size >= HOSTS) {
      const end = hostsOf.expiresAt(network) ?? clock();
      throw refusal(`One address has asked for documents of ${HOSTS} hosts within a minute.`, end - clock());
    }
    hosts.add(host);
  }

  function refusal(message: string, retryAfter: number): TooManyFetches {
    const advice = "If a reverse proxy is in front of this server, set FASTMCP_TRUST_PROXY.";
    lines.info("client-documents-limited", { event: "client-documents-limited" }, `${message} ${advice}`);
    return new TooManyFetches("address", message, Math.max(1, Math.ceil(retryAfter)));
  }

  function remember(url: string, host: string, error: unknown): void {
    if (error instanceof TooManyFetches) {
      const line = `${error.message} Until some have ended, clients whose documents are not kept here get 503.`;
      lines.warn("client-documents-full", { event: "client-documents-full" }, line);
      return;
    }
    if (!(error instanceof DocumentError)) {
      return;
    }
    const { kind, stage } = error;
    if (kind === "unfit" && stage === "document") {
      return;
    }
    failures.set(url, error, clock() + MEMORY);
    if (stage === "name" || stage === "address" || stage === "connection") {
      failures.set(host, error, clock() + MEMORY);
    }
  }

  return async (url, maxBytes, from) => {
    const { host } = new URL(url);
    const failure = failures.get(url) ?? failures.get(host);
    if (failure !== undefined) {
      throw failure;
    }
    const network = networkOf(from);
    admit(network, host);
    running.set(network, (running.get(network) ?? 0) + 1);
    try {
      return await options.fetch(url, maxBytes);
    } catch (error) {
      remember(url, host, error);
      throw error;
    } finally {
      const others = (running.get(network) ?? 1) - 1;
      if (others > 0) {
        running.set(network, others);
      } else {
        running.delete(network);
      }
    }
  };
}
