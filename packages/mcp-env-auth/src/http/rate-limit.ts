import type { RequestHandler } from "express";
import { type ClientRateLimitInfo, rateLimit, type Store } from "express-rate-limit";
import type { Clock } from "../clock.ts";

const WINDOW_SECONDS = 60;
const MAX_ADDRESSES = 10_000;

/** The two limits of the open endpoints; each counts by address and minute. */
export interface RateLimits {
  /** Counts every request. */
  readonly requests: RequestHandler;
  /** Counts only requests that the server refused: whole companies share one address. */
  readonly failures: RequestHandler;
}

/** @param perMinute FASTMCP_RATE_LIMIT; `0` for no limit. */
export function createRateLimits(perMinute: number, clock: Clock): RateLimits {
  if (perMinute === 0) return { requests: (_request, _response, next) => next(), failures: (_r, _s, next) => next() };
  const limiter = (countSuccess: boolean) =>
    rateLimit({
      windowMs: WINDOW_SECONDS * 1000,
      limit: perMinute,
      store: createBoundedStore(clock),
      skipSuccessfulRequests: !countSuccess,
      // Our own faults and the provider's outages are no sign of guessing.
      requestWasSuccessful: (_request, response) => response.statusCode < 400 || response.statusCode >= 500,
      standardHeaders: false,
      legacyHeaders: false,
      // The number of trusted proxies is explicit (FASTMCP_TRUST_PROXY); a forwarded header without it is ignored, not an error.
      validate: { xForwardedForHeader: false, forwardedHeader: false, trustProxy: false },
      handler: (request, response) => {
        const resetTime = (request as { rateLimit?: { resetTime?: Date } }).rateLimit?.resetTime;
        const seconds = resetTime === undefined ? WINDOW_SECONDS : resetTime.getTime() / 1000 - clock();
        response
          .status(429)
          .set({ "Retry-After": String(Math.max(1, Math.ceil(seconds))), "Cache-Control": "no-store" })
          .json({
            error: "temporarily_unavailable",
            error_description: "Too many requests from this address. Try again later.",
          });
      },
    });
  return { requests: limiter(true), failures: limiter(false) };
}

interface Count extends ClientRateLimitInfo {
  totalHits: number;
  resetTime: Date;
}

/** Counts per address in a map that never holds more than {@link MAX_ADDRESSES}; beyond that the oldest window is forgotten. */
export function createBoundedStore(clock: Clock, capacity = MAX_ADDRESSES): Store {
  const counts = new Map<string, Count>();
  return {
    localKeys: true,
    increment(key) {
      const now = clock() * 1000;
      const known = counts.get(key);
      if (known !== undefined && known.resetTime.getTime() > now) {
        known.totalHits += 1;
        return known;
      }
      counts.delete(key);
      const oldest = counts.keys().next();
      if (counts.size >= capacity && !oldest.done) counts.delete(oldest.value);
      const count = { totalHits: 1, resetTime: new Date(now + WINDOW_SECONDS * 1000) };
      counts.set(key, count);
      return count;
    },
    decrement(key) {
      const known = counts.get(key);
      if (known !== undefined && known.totalHits > 0) known.totalHits -= 1;
    },
    resetKey(key) {
      counts.delete(key);
    },
  };
}
