import type { ServerResponse } from "node:http";
import type { AccessToken } from "../access-token.ts";
import { OAuthError, TOO_MANY_REQUESTS } from "../errors.ts";
import { isModern, TOO_EARLY } from "./json-rpc.ts";
import { sendJson } from "./oauth-error-response.ts";

/** Seconds. */
const QUOTA_WINDOW = 60;

/** A count and how far it may go. */
export interface CountedQuota {
  readonly id: string;
  readonly limit: number;
}

export interface QuotaOptions {
  /** A keyed digest of what tells a count from others, where there is a key: counts may leave the process. */
  readonly digest?: ((text: string) => string) | undefined;
  /** Requests a minute of one user, whatever clients they use. 0: no limit. */
  readonly perUser: number;
  /** Requests a minute of one machine, and of one user through one client. 0: no limit. */
  readonly perClient: number;
  /** Counts `cost`, where there is room in all of `quotas`: seconds until there may be, or 0. */
  take(quotas: readonly CountedQuota[], cost: number, window: number): Promise<number>;
}

/** Why requests are refused. */
export interface OverQuota {
  /** Seconds until there may be room. */
  readonly wait: number;
  /** The most requests that a batch of this caller may have; absent if this one has no more. */
  readonly maxBatch?: number | undefined;
}

/** Limits what each user and client asks for in a minute. */
export interface Quotas {
  /** Counts the requests in `body`, or says why they are refused. */
  take(body: unknown, token: AccessToken): Promise<OverQuota | undefined>;
}

/** `undefined` where nothing is limited. */
export function createQuotas(options: QuotaOptions): Quotas | undefined {
  const { perUser, perClient, take, digest = (text) => text } = options;
  if (perUser === 0 && perClient === 0) {
    return undefined;
  }
  return {
    async take(body, token) {
      const cost = requestsIn(body).length;
      const quotas = quotasOf(token, perUser, perClient);
      if (cost === 0 || quotas.length === 0) {
        return undefined;
      }
      const maxBatch = Math.min(...quotas.map(({ limit }) => limit));
      if (cost > maxBatch) {
        return { wait: QUOTA_WINDOW, maxBatch };
      }
      const wait = await take(
        quotas.map(({ id, limit }) => ({ id: digest(id), limit })),
        cost,
        QUOTA_WINDOW,
      );
      return wait > 0 ? { wait } : undefined;
    },
  };
}

/** All users of a client share its id, so that one of them can't use up what the others have through it. */
function quotasOf({ subject, clientId }: AccessToken, perUser: number, perClient: number): CountedQuota[] {
  const isMachine = subject === `${clientId}@clients`;
  const quotas: CountedQuota[] = [];
  if (perUser > 0 && !isMachine) {
    quotas.push({ id: JSON.stringify(["user", subject]), limit: perUser });
  }
  if (perClient > 0) {
    quotas.push({
      id: JSON.stringify(isMachine ? ["client", clientId] : ["client", clientId, subject]),
      limit: perClient,
    });
  }
  return quotas;
}

interface RequestMessage {
  readonly id: unknown;
  readonly method: string;
}

function requestsIn(body: unknown): RequestMessage[] {
  return [body].flat().filter((message): message is RequestMessage => {
    const { id, method } = (message ?? {}) as { id?: unknown; method?: unknown };
    return id !== undefined && id !== null && typeof method === "string";
  });
}

/**
 * Answers a body whose requests are over a quota. Calls of tools get results that a model reads; a body without any is
 * refused.
 *
 * @throws OAuthError 429
 */
export function answerOverQuota(body: unknown, { wait, maxBatch }: OverQuota, response: ServerResponse): void {
  const seconds = Math.max(1, Math.ceil(wait));
  const requests = requestsIn(body);
  const why =
    maxBatch === undefined
      ? `This user or client has used up its quota of requests for this minute. Nothing was done. Try again in ${inSeconds(seconds)}.`
      : `The batch has ${requests.length} requests, and the quota allows ${maxBatch} a minute. Nothing was done. Send fewer at once, or try again in ${inSeconds(seconds)}.`;
  if (!requests.some(({ method }) => method === "tools/call")) {
    throw new OAuthError("temporarily_unavailable", why, { status: TOO_MANY_REQUESTS, retryAfter: seconds });
  }
  const answers = requests.map((request) => answerTo(request, why, seconds));
  response.setHeader("Retry-After", String(seconds));
  sendJson(response, 200, Array.isArray(body) ? answers : answers[0]);
}

function answerTo(request: RequestMessage, text: string, seconds: number): object {
  const { id, method } = request;
  if (method !== "tools/call") {
    return { jsonrpc: "2.0", id, error: { code: TOO_EARLY, message: text, data: { retryAfter: seconds } } };
  }
  const result = {
    ...(isModern(request) && { resultType: "complete" }),
    isError: true,
    content: [{ type: "text", text }],
  };
  return { jsonrpc: "2.0", id, result };
}

function inSeconds(seconds: number): string {
  return seconds === 1 ? "1 second" : `${seconds} seconds`;
}
