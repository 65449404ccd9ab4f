import type { CountedLines } from "../../counted-lines.ts";
import { OAuthError, TOO_MANY_REQUESTS } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { createWindowCounts, type WindowCounts } from "../../lib/window-counts.ts";
import { identityHash, type RefreshGrant } from "../tokens/sealed-tokens.ts";

const COUNTED_SECONDS = 60;

/** Sessions, users and machines that are counted at once. */
const CAPACITY = 10_000;

/** Refreshes of one user in a minute, where FASTMCP_RATE_LIMIT is not more: that is often low to slow down guesses. */
const MIN_REFRESHES = 240;

/**
 * One session may have a quarter of what its user may, so that a client in a loop leaves some for the user's others.
 */
const SESSION_SHARE = 1 / 4;

/** A machine may be hundreds of processes, which all start at once. */
const TIMES_MACHINE = 10;

export interface ProviderLimitsOptions {
  /** FASTMCP_RATE_LIMIT: refreshes of one user in a minute, if more than 240. 0, or absent: no limit. */
  readonly rateLimit?: number | undefined;
  readonly clock: Clock;
  readonly lines: CountedLines;
}

/**
 * How often one user's or machine's good credentials may have the provider asked at `/token`. Each time costs the
 * provider's own limit, which is for all users together.
 */
export interface ProviderLimits {
  /** Counts a refresh. @throws OAuthError 429 when its session or user had too many in this minute. */
  takeRefresh(grant: RefreshGrant): void;
  /** @throws OAuthError 429 when a machine was given too many tokens in this minute. */
  checkMachine(clientId: string): void;
  /** Counts a token that a machine was given: whoever knows its id alone can't use up what it may have. */
  countMachine(clientId: string): void;
}

/** What a line of the log says of who is limited. */
interface Line {
  readonly client: string;
  readonly login?: string;
  readonly machine?: string;
}

export function createProviderLimits({ rateLimit = 0, clock, lines }: ProviderLimitsOptions): ProviderLimits {
  if (rateLimit === 0) {
    return { takeRefresh() {}, checkMachine() {}, countMachine() {} };
  }
  const options = { seconds: COUNTED_SECONDS, capacity: CAPACITY, clock };
  const sessions = createWindowCounts(options);
  const users = createWindowCounts(options);
  const machines = createWindowCounts(options);
  const userLimit = Math.max(MIN_REFRESHES, rateLimit);
  const sessionLimit = Math.ceil(userLimit * SESSION_SHARE);

  function check(counts: WindowCounts, key: string, limit: number, line: Line): void {
    if (counts.of(key) < limit) {
      return;
    }
    lines.info(
      `tokens ${line.login ?? line.client}`,
      { event: "token-requests-limited", ...line },
      "A client asks for new tokens again and again, and gets 429 for what is left of the minute",
    );
    throw new OAuthError(
      "temporarily_unavailable",
      "Too many new tokens in this minute. Use the tokens that you have until they expire.",
      { status: TOO_MANY_REQUESTS, retryAfter: Math.max(1, Math.ceil(counts.timeLeft(key))) },
    );
  }

  return {
    takeRefresh({ family, subjectHash, clientHash }) {
      const line = { login: family, client: clientHash };
      check(sessions, family, sessionLimit, line);
      check(users, subjectHash, userLimit, line);
      sessions.add(family);
      users.add(subjectHash);
    },
    checkMachine(clientId) {
      check(machines, clientId, userLimit * TIMES_MACHINE, { client: identityHash(clientId), machine: clientId });
    },
    countMachine(clientId) {
      machines.add(clientId);
    },
  };
}
