import type { NextFunction, Request, RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import { OAuthError } from "../errors.ts";
import { networkOf } from "../lib/client-network.ts";
import type { Clock } from "../lib/clock.ts";
import { clientAddress } from "./client-address.ts";
import { createBoundedStore, WINDOW_SECONDS } from "./counts-per-minute.ts";
import { createTurns } from "./turns.ts";

/** RFC 6585 section 4. */
const REFUSED = 429;

/** How many times as many requests as may fail in a minute may be under way at once. */
const UNDER_WAY = 4;

/** What a request came to: a response, or an `OAuthError`. */
export type Outcome = Pick<OAuthError, "status"> & Partial<Pick<OAuthError, "isCallersDoing">>;

/**
 * The two limits of the open endpoints; each counts by address and minute, and passes on an `OAuthError` for what is
 * too much.
 */
export interface RateLimits {
  /** Counts every request. */
  readonly requests: RequestHandler;
  /** Counts only requests that the server refused: whole companies share one address. */
  readonly failures: RequestHandler;
  /**
   * For where failures count, once a request was read: lets only some be under way at once, so that not all of a burst
   * of guesses reaches the provider before the first is refused. The others wait, and are judged then.
   */
  readonly turns: RequestHandler;
  /** To be told what work came to which {@link RateLimits.turns} let in, though its client may have gone. */
  settled(request: Request, outcome: Outcome): void;
}

/** @param perMinute FASTMCP_RATE_LIMIT; `0` for no limit. */
export function createRateLimits(perMinute: number, clock: Clock): RateLimits {
  if (perMinute === 0) {
    return { requests: unlimited, failures: unlimited, turns: unlimited, settled() {} };
  }
  const requests = rateLimit({
    windowMs: WINDOW_SECONDS * 1000,
    limit: perMinute,
    store: createBoundedStore(clock),
    standardHeaders: false,
    legacyHeaders: false,
    keyGenerator: addressKey,
    // The number of trusted proxies is explicit (FASTMCP_TRUST_PROXY); a forwarded header without it is ignored, not an
    // error.
    validate: false,
    handler: (request, _response, next) => {
      const resetTime = (request as { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime;
      next(refusal(resetTime, clock));
    },
  });
  return { requests, ...limitFailures(perMinute, clock) };
}

/** What requests of one client have in common, for limits of open endpoints. */
export const addressKey = (request: Request) => networkOf(clientAddress(request));

const unlimited: RequestHandler = (_request, _response, next) => next();

/**
 * The library counts a request until it has succeeded, so that many at once would refuse each other while the identity
 * provider is slow. Here nothing counts before it was refused.
 */
function limitFailures(perMinute: number, clock: Clock): Pick<RateLimits, "failures" | "turns" | "settled"> {
  const store = createBoundedStore(clock);
  const turns = createTurns(perMinute * UNDER_WAY);
  /** Of requests whose work has not ended. */
  const ends = new WeakMap<Request, () => void>();
  /** Requests that were judged, or counted: each counts once. */
  const judged = new WeakSet<Request>();

  function judge(request: Request, { status, isCallersDoing = false }: Outcome): void {
    if (judged.has(request)) {
      return;
    }
    judged.add(request);
    // Our own faults and outages of the provider don't suggest guessing.
    if (isCallersDoing || (status >= 400 && status < 500 && status !== REFUSED)) {
      store.increment(addressKey(request));
    }
  }

  function isAdmitted(request: Request, next: NextFunction): boolean {
    const known = store.get(addressKey(request));
    if (known === undefined || known.totalHits < perMinute) {
      return true;
    }
    next(refusal(known.resetTime, clock));
    return false;
  }

  return {
    failures(request, response, next) {
      if (!isAdmitted(request, next)) {
        return;
      }
      response.once("finish", () => judge(request, { status: response.statusCode }));
      next();
    },
    turns(request, response, next) {
      turns(addressKey(request), response, (end) => {
        const admitted = isAdmitted(request, next);
        if (!admitted) {
          return false;
        }
        ends.set(request, end);
        next();
        return true;
      });
    },
    settled(request, outcome) {
      judge(request, outcome);
      ends.get(request)?.();
    },
  };
}

function refusal(resetTime: Date | undefined, clock: Clock): OAuthError {
  const seconds = resetTime === undefined ? WINDOW_SECONDS : resetTime.getTime() / 1000 - clock();
  return new OAuthError("temporarily_unavailable", "Too many requests from this address. Try again later.", {
    status: REFUSED,
    retryAfter: Math.max(1, Math.ceil(seconds)),
  });
}
