import { setTimeout as sleep } from "node:timers/promises";
import { ToolError } from "mcp-env-auth";
import type { ZodType } from "zod";

export interface JsonClientOptions {
  /** The service, for people who read an error. */
  readonly service: string;
  /** Milliseconds for one attempt. Default 5000. */
  readonly timeout?: number;
  /** How often a request is sent before giving up. Default 3. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, doubled for each further one. Default 250. */
  readonly retryDelay?: number;
  /** Milliseconds for which an answer is used again. Default 5 minutes. */
  readonly maxAge?: number;
  /** How many answers are kept; the oldest goes first. Default 500. */
  readonly maxEntries?: number;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

const TOO_MANY_REQUESTS = 429;
const UNREACHABLE = "can't be reached";

/** GETs `url` and checks the answer against `schema`. Rejects with {@link ToolError} when there is no usable answer. */
export type GetJson = <T>(url: URL, schema: ZodType<T>) => Promise<T>;

/**
 * Reads JSON from one service: with a timeout, again after a network failure or a 429 or 5xx answer, and with a small
 * cache in which equal requests share one answer.
 */
export function createJsonClient(options: JsonClientOptions): GetJson {
  const { service, timeout = 5000, attempts = 3, retryDelay = 250 } = options;
  const { maxAge = 5 * 60_000, maxEntries = 500, now = Date.now } = options;
  const answers = new Map<string, { readonly body: Promise<unknown>; readonly expiresAt: number }>();

  async function read(url: URL): Promise<unknown> {
    let cause: unknown;
    let outcome = UNREACHABLE;
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) {
        await sleep(retryDelay * 2 ** (attempt - 1));
      }
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(timeout) });
        if (response.ok) {
          return await response.json();
        }
        await response.body?.cancel();
        if (response.status < 500 && response.status !== TOO_MANY_REQUESTS) {
          throw new ToolError(`${service} refused the request (HTTP ${response.status}).`);
        }
        cause = new Error(`HTTP ${response.status}`);
        outcome = response.status === TOO_MANY_REQUESTS ? "gets too many requests" : UNREACHABLE;
      } catch (error) {
        if (error instanceof ToolError) {
          throw error;
        }
        cause = error;
        outcome = UNREACHABLE;
      }
    }
    throw new ToolError(`${service} ${outcome} at the moment. Try again in a minute.`, { cause });
  }

  function readCached(url: URL): Promise<unknown> {
    const kept = answers.get(url.href);
    if (kept !== undefined && kept.expiresAt > now()) {
      return kept.body;
    }
    const entry = { body: read(url), expiresAt: now() + maxAge };
    answers.delete(url.href);
    answers.set(url.href, entry);
    if (answers.size > maxEntries) {
      answers.delete(answers.keys().next().value as string);
    }
    entry.body.catch(() => answers.get(url.href) === entry && answers.delete(url.href));
    return entry.body;
  }

  return async (url, schema) => {
    const parsed = schema.safeParse(await readCached(url));
    if (parsed.success) {
      return parsed.data;
    }
    throw new ToolError(`${service} answered something unexpected.`, { cause: parsed.error });
  };
}
