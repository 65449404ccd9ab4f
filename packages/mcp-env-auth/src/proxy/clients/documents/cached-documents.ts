import { BoundedMap } from "../../../lib/bounded-map.ts";
import { type Clock, DAY } from "../../../lib/clock.ts";
import { SHARE } from "../../../lib/shares.ts";
import type { LimitedFetch } from "./fetch-limits.ts";
import { DocumentError, type FetchedDocument, TooManyFetches } from "./guarded-fetch.ts";

/** Bounds, in seconds, of what a document may say of its own lifetime, and the lifetime of one that says nothing. */
const SHORTEST = 60;
const LONGEST = DAY;
const DEFAULT = 60 * 60;

/** How long a document whose host is out goes on, seconds beyond its lifetime; and when its host is asked again. */
const STALE = DAY;
const RETRY = 60;

/** How often one document may be fetched before its time, seconds. */
const REFRESH_COOLDOWN = 30;

export interface CachedDocumentsOptions<T> {
  readonly fetch: LimitedFetch;
  readonly maxBytes: number;
  /** How many documents are kept. */
  readonly capacity: number;
  readonly clock: Clock;
  /** Checks a document and takes from it what is needed. What it throws is passed on, and the document is not kept. */
  readonly read: (json: FetchedDocument["json"], url: string) => T;
}

/** Documents by their URL, fetched when first needed, for the client at the address `from`. */
export interface CachedDocuments<T> {
  /** @throws DocumentError, and what `read` throws */
  get(url: string, from: string): Promise<T>;
  /** As `get`, but fetched again, unless that was done a moment ago. */
  refresh(url: string, from: string): Promise<T>;
}

interface Entry<T> {
  readonly value: T;
  /** When its host was asked last, seconds since the Unix epoch. */
  readonly askedAt: number;
  readonly freshUntil: number;
}

/**
 * A bounded cache of documents. It honours `Cache-Control` between a minute and a day; requests for one URL share one
 * fetch. Errors and documents that `read` refuses are never kept; a good one goes on for a day while its host is out,
 * but not once the host serves something else. Limits of who asks never end a good one.
 */
export function createCachedDocuments<T>(options: CachedDocumentsOptions<T>): CachedDocuments<T> {
  const { clock } = options;
  const entries = new BoundedMap<Entry<T>>({ capacity: options.capacity, whenFull: "evict unused", clock });
  const running = new Map<string, Promise<T>>();

  async function load(url: string, from: string): Promise<T> {
    try {
      const document = await options.fetch(url, options.maxBytes, from);
      const value = options.read(document.json, url);
      keep(url, { value, askedAt: clock(), freshUntil: clock() + lifetimeOf(document) });
      return value;
    } catch (error) {
      const last = entries.get(url);
      // Whoever comes next may ask its host.
      if (last !== undefined && error instanceof TooManyFetches) {
        return last.value;
      }
      if (last !== undefined && !isWithdrawal(error)) {
        keep(url, { ...last, askedAt: clock(), freshUntil: clock() + RETRY }, entries.expiresAt(url));
        return last.value;
      }
      entries.delete(url);
      throw error;
    }
  }

  function keep(url: string, entry: Entry<T>, expiresAt = entry.freshUntil + STALE): void {
    if (!entries.has(url)) {
      makeRoom(new URL(url).origin);
    }
    entries.set(url, entry, expiresAt);
  }

  /** Forgets the document of `origin` that ends first, once it has its share: anybody can publish any number. */
  function makeRoom(origin: string): void {
    const urls = entries.entries().flatMap(([url]) => (url.startsWith(`${origin}/`) ? [url] : []));
    if (urls.length < options.capacity * SHARE) {
      return;
    }
    const end = (url: string) => entries.expiresAt(url) ?? 0;
    const [first, ...others] = urls;
    if (first !== undefined) {
      entries.delete(others.reduce((earliest, url) => (end(url) < end(earliest) ? url : earliest), first));
    }
  }

  function fetchOnce(url: string, from: string): Promise<T> {
    const pending = running.get(url) ?? load(url, from).finally(() => running.delete(url));
    running.set(url, pending);
    return pending;
  }

  return {
    async get(url, from) {
      const entry = entries.get(url);
      return entry !== undefined && entry.freshUntil > clock() ? entry.value : fetchOnce(url, from);
    },
    async refresh(url, from) {
      const entry = entries.get(url);
      return entry !== undefined && entry.askedAt + REFRESH_COOLDOWN > clock() ? entry.value : fetchOnce(url, from);
    },
  };
}

/** Whether the host said something else than before. One that wasn't reached has said nothing. */
function isWithdrawal(error: unknown): boolean {
  return !(error instanceof DocumentError) || error.kind === "unfit";
}

/** How long a document may be kept (RFC 9111 section 4.2.1), within our own bounds. */
function lifetimeOf({ cacheControl = "", age }: FetchedDocument): number {
  if (/(?:^|[\s,])no-(?:store|cache)\b/i.test(cacheControl)) {
    return SHORTEST;
  }
  const maxAge = /(?:^|[\s,])max-age="?(\d{1,9})/i.exec(cacheControl)?.[1];
  const lifetime = maxAge === undefined ? DEFAULT : Number(maxAge) - age;
  return Math.min(Math.max(lifetime, SHORTEST), LONGEST);
}
