import { BoundedMap } from "../../../lib/bounded-map.ts";
import type { Clock } from "../../../lib/clock.ts";
import { DocumentError, type FetchedDocument, type GuardedFetch } from "./guarded-fetch.ts";

/** Bounds, in seconds, of what a document may say of its own lifetime, and the lifetime of one that says nothing. */
const SHORTEST = 60;
const LONGEST = 24 * 60 * 60;
const DEFAULT = 60 * 60;

/** How long a document whose host is out goes on, seconds beyond its lifetime; and when its host is asked again. */
const STALE = 24 * 60 * 60;
const RETRY = 60;

/** How often one document may be fetched before its time, seconds. */
const REFRESH_COOLDOWN = 30;

export interface CachedDocumentsOptions<T> {
  readonly fetch: GuardedFetch;
  readonly maxBytes: number;
  /** How many documents are kept. */
  readonly capacity: number;
  readonly clock: Clock;
  /** Checks a document and takes from it what is needed. What it throws is passed on, and the document is not kept. */
  readonly read: (json: FetchedDocument["json"], url: string) => T;
}

/** Documents by their URL, fetched when first needed. */
export interface CachedDocuments<T> {
  /** @throws DocumentError, and what `read` throws */
  get(url: string): Promise<T>;
  /** As `get`, but fetched again, unless that was done a moment ago. */
  refresh(url: string): Promise<T>;
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
 * but not once the host serves something else.
 */
export function createCachedDocuments<T>(options: CachedDocumentsOptions<T>): CachedDocuments<T> {
  const { clock } = options;
  const entries = new BoundedMap<Entry<T>>({ capacity: options.capacity, whenFull: "evict", clock });
  const running = new Map<string, Promise<T>>();

  async function load(url: string): Promise<T> {
    try {
      const document = await options.fetch(url, options.maxBytes);
      const value = options.read(document.json, url);
      keep(url, { value, askedAt: clock(), freshUntil: clock() + lifetimeOf(document) });
      return value;
    } catch (error) {
      const last = entries.get(url);
      if (last !== undefined && error instanceof DocumentError && error.kind === "unavailable") {
        keep(url, { ...last, askedAt: clock(), freshUntil: clock() + RETRY }, entries.expiresAt(url));
        return last.value;
      }
      entries.delete(url);
      throw error;
    }
  }

  function keep(url: string, entry: Entry<T>, expiresAt = entry.freshUntil + STALE): void {
    entries.set(url, entry, expiresAt);
  }

  function fetchOnce(url: string): Promise<T> {
    const pending = running.get(url) ?? load(url).finally(() => running.delete(url));
    running.set(url, pending);
    return pending;
  }

  return {
    async get(url) {
      const entry = entries.get(url);
      return entry !== undefined && entry.freshUntil > clock() ? entry.value : fetchOnce(url);
    },
    async refresh(url) {
      const entry = entries.get(url);
      return entry !== undefined && entry.askedAt + REFRESH_COOLDOWN > clock() ? entry.value : fetchOnce(url);
    },
  };
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
