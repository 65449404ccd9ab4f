import type { IncomingMessage } from "node:http";
import type { AccessRules } from "../authorization/access-policy.ts";
import { isForStrangers } from "../authorization/stranger-requests.ts";
import { OAuthError, TOO_MANY_REQUESTS } from "../errors.ts";
import { networkOf } from "../lib/client-network.ts";
import type { Clock } from "../lib/clock.ts";
import { requestAddress } from "./client-address.ts";
import { createBoundedStore } from "./counts-per-minute.ts";
import type { OpenBodyRoom } from "./open-body-room.ts";

/** Bytes of a body that comes without a token. */
export const MAX_STRANGER_BODY = 64 * 1024;

/** How many such bodies of one address may be read at once. */
const MAX_READING = 8;

/** The place of a request whose body is being read. */
export interface StrangerPlace {
  /** The body has come: its request no longer gives way to others. */
  arrived(): void;
  /** Gives the place back; more than once does nothing. */
  leave(): void;
}

/** What comes without a token to a server that has something for everybody. */
export interface Strangers {
  /** Whose a request may be: one that has no Authorization header at all. Whatever stands in one is a token. */
  isOne(request: IncomingMessage): boolean;
  /**
   * Counts a request, and takes a place for the time in which its body is read.
   *
   * @throws OAuthError 429 for too many of one address, 503 for too many in all.
   */
  enter(request: IncomingMessage): StrangerPlace;
  /**
   * Counts the messages of a batch as that many requests: each runs what is public. {@link Strangers.enter} has counted
   * the first.
   *
   * @throws OAuthError 429
   */
  countBatch(request: IncomingMessage, body: unknown): void;
  /** Whether a body asks for nothing but what is for everybody. */
  mayAsk(body: unknown): boolean;
}

export interface StrangersOptions {
  readonly rules: AccessRules;
  /** FASTMCP_RATE_LIMIT; `0` for no limit. */
  readonly perMinute: number;
  /** FASTMCP_TRUST_PROXY. */
  readonly trustedProxies: number;
  /** Shared with the open endpoints. */
  readonly room: OpenBodyRoom;
  readonly clock: Clock;
}

export function createStrangers({ rules, perMinute, trustedProxies, room, clock }: StrangersOptions): Strangers {
  const counts = createBoundedStore(clock);
  const reading = new Map<string, number>();

  function count(address: string, messages = 1): void {
    if (perMinute === 0) {
      return;
    }
    for (let counted = 0; counted < messages; counted += 1) {
      const { totalHits, resetTime } = counts.increment(address);
      if (totalHits > perMinute) {
        throw tooMany(Math.ceil(resetTime.getTime() / 1000 - clock()));
      }
    }
  }

  const addressOf = (request: IncomingMessage) => networkOf(requestAddress(request, trustedProxies));

  return {
    isOne: ({ method, headersDistinct }) => method === "POST" && headersDistinct.authorization === undefined,
    enter(request) {
      const address = addressOf(request);
      count(address);
      const own = reading.get(address) ?? 0;
      if (perMinute !== 0 && own >= MAX_READING) {
        throw tooMany(1);
      }
      const length = request.headers["content-length"];
      const body = room(address, Number(length ?? MAX_STRANGER_BODY), () => request.socket.destroy());
      if (body === undefined) {
        const description = "Too many requests without a token are being read. Try again, or sign in.";
        throw new OAuthError("temporarily_unavailable", description, { retryAfter: 1 });
      }
      reading.set(address, own + 1);
      let isIn = true;
      const leave = () => {
        if (!isIn) {
          return;
        }
        isIn = false;
        body.leave();
        const left = (reading.get(address) ?? 0) - 1;
        if (left > 0) {
          reading.set(address, left);
        } else {
          reading.delete(address);
        }
      };
      return { arrived: () => body.arrived(Number(length ?? MAX_STRANGER_BODY)), leave };
    },
    countBatch(request, body) {
      if (Array.isArray(body)) {
        count(addressOf(request), body.length - 1);
      }
    },
    mayAsk: (body) => isForStrangers(body, rules),
  };
}

function tooMany(seconds: number): OAuthError {
  return new OAuthError(
    "temporarily_unavailable",
    "Too many requests without a token from this address. Try again later, or sign in.",
    { status: TOO_MANY_REQUESTS, retryAfter: Math.max(1, seconds) },
  );
}
