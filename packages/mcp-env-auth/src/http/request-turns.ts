import type { IncomingMessage, ServerResponse } from "node:http";
import { type CallTurn, type CallTurns, createCallTurns, DEFAULT_CALLS_PER_USER } from "./call-turns.ts";
import { type Caller, type McpProtection, sharerOf } from "./caller.ts";
import { type TurnKind, turnFor } from "./turn-kinds.ts";

/** How many times as many calls as those of one user all strangers together may have under way. */
const TIMES_ALL_STRANGERS = 4;

export interface RequestTurnsOptions {
  /** Calls of one user that may be under way at once, and lists as many; default 32. */
  readonly maxCallsPerUser?: number | undefined;
  /** `undefined` for a server that was asked to be open. */
  readonly protection: McpProtection | undefined;
  /** FASTMCP_TRUST_PROXY, for whose calls they are that come without a token. Default 0. */
  readonly trustedProxies?: number | undefined;
}

/**
 * Takes the turn of a request among those of its user: a promise where it has to wait for that, `undefined` where it
 * needs none.
 *
 * @throws TooManyCalls, or rejects with it.
 */
export type RequestTurns = (
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  caller: Caller | undefined,
) => CallTurn | Promise<CallTurn> | undefined;

export function createRequestTurns({
  maxCallsPerUser: limit = DEFAULT_CALLS_PER_USER,
  protection,
  trustedProxies = 0,
}: RequestTurnsOptions): RequestTurns {
  const createTurns = (limitInAll?: number): Readonly<Record<TurnKind, CallTurns>> => ({
    call: createCallTurns({ limit, limitInAll }),
    list: createCallTurns({ limit, limitInAll }),
  });
  const ofUsers = createTurns();
  // Where users have tokens, all strangers together take no more than a few users.
  const ofStrangers = createTurns(protection && limit * TIMES_ALL_STRANGERS);
  return (request, response, body, caller) => {
    const needed = turnFor(body);
    if (needed === undefined) {
      return undefined;
    }
    const turns = caller === undefined ? ofStrangers : ofUsers;
    return turns[needed.kind].take(sharerOf(request, caller, trustedProxies), needed.messages, response);
  };
}
