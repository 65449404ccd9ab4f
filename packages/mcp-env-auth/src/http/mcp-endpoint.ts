import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { AccessToken } from "../access-token.ts";
import type { AccessPolicy } from "../authorization/access-policy.ts";
import type { Dialect, DialectSetting } from "../client-dialects.ts";
import { createCountedLines } from "../counted-lines.ts";
import { OAuthError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Session } from "../sessions/sessions.ts";
import { activeTelemetry, type RecordCall } from "../telemetry.ts";
import { type BodyExtent, extentOf, extentOfValue, MAX_NESTING } from "./body-extent.ts";
import { type BodyRoom, createBodyRoom, type TakenRoom } from "./body-room.ts";
import { type CallLog, type Calls, callerOf } from "./call-log.ts";
import { outcomeOfRefusal, outcomeOfResponse } from "./call-outcome.ts";
import { type CallTurn, TooManyCalls } from "./call-turns.ts";
import {
  authenticate,
  type Caller,
  identify,
  type McpProtection,
  requireToken,
  resourceMetadataFor,
  sharerOf,
  type TokenChecks,
  tokenRequired,
} from "./caller.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { createFairTurns } from "./fair-slices.ts";
import { CLOSED } from "./gate.ts";
import { INVALID_REQUEST, isModern, PARSE_ERROR } from "./json-rpc.ts";
import { Forbidden, InsufficientScope, InvalidMessage, refuse, refuseMethod, refuseOrigin } from "./mcp-refusals.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import type { PeoplesPage } from "./peoples-page.ts";
import { answerOverQuota, type Quotas } from "./quotas.ts";
import { BodyTooLarge, readBody, SMALL_BODY } from "./request-body.ts";
import { requestDialect } from "./request-dialect.ts";
import { checkLimits, MAX_NAME_LENGTH } from "./request-limits.ts";
import { createRequestTurns, type RequestTurnsOptions } from "./request-turns.ts";
import { concernsSessions, enterSession, nameInSession, type SessionService } from "./session-requests.ts";
import { MAX_STRANGER_BODY, type Strangers } from "./strangers.ts";
import { createWaitingRoom } from "./waiting-room.ts";

const METHODS = ["POST", "GET", "DELETE"];
const DEFAULT_BODY_LIMIT = 4 * 1024 * 1024;
const DEFAULT_MAX_BODY_VALUES = 50_000;

/** Far less than a revocation may take to count everywhere, and more than a body takes that comes with its headers. */
const MAX_VERDICT_AGE_MS = 100;

/** What serves a request that is not refused at first sight. */
export interface McpService {
  readonly exchange: McpExchange;
  /** `undefined` for a server that was asked to be open. */
  readonly checks: TokenChecks | undefined;
  /** Absent: calls are not logged. */
  readonly calls?: CallLog | undefined;
  /** Absent: nobody's calls are limited. */
  readonly quotas?: Quotas | undefined;
  /** Absent: clients up to 2025-11-25 have no sessions, and can be asked for nothing. */
  readonly sessions?: SessionService | undefined;
}

export interface McpEndpointOptions extends RequestTurnsOptions {
  /**
   * Asked for by each request that carries what may be a token, or, in an open server, by each. While it is being
   * loaded, such requests wait for it, unread: as many as a {@link createWaitingRoom} has places for.
   */
  service(): McpService | Promise<McpService>;
  /** `undefined` for a server that was asked to be open. */
  readonly protection: McpProtection | undefined;
  readonly policy: AccessPolicy;
  /** Absent: all that it serves takes a token. */
  readonly strangers?: Strangers | undefined;
  /** FASTMCP_CHALLENGE_DIALECT; default `auto`. */
  readonly challengeDialect?: DialectSetting;
  readonly originPolicy: OriginPolicy;
  /** Told of each Origin that is refused. */
  readonly noteRefusedOrigin?: (origin: string) => void;
  /** Bytes; default 4 MiB. */
  readonly bodyLimit?: number;
  /** As {@link BodyExtent} counts them; default 50,000. */
  readonly maxBodyValues?: number;
  /** Of large bodies, until they are answered; default as {@link createBodyRoom} has it. */
  readonly bodyRoom?: BodyRoom;
  /** Characters; default 2048. */
  readonly maxUriLength?: number;
  /** Whether the server is closed. What waits then is not served. Default: never. */
  readonly isClosed?: () => boolean;
  /** What a person reads who opens the endpoint in a browser. Absent: what programs get. */
  readonly landing?: PeoplesPage | undefined;
  readonly logger: Logger;
}

/** What is known of a request so far: a refusal is told in the words of its client. */
interface Seen {
  body?: unknown;
  caller?: Caller | undefined;
  sessions?: SessionService | undefined;
  /** `clientInfo.name` of its session. */
  clientInfo?: string | undefined;
}

/** Serves one request to the MCP endpoint. `parsedBody` is a body that a framework has read already. */
export type McpEndpoint = (request: IncomingMessage, response: ServerResponse, parsedBody?: unknown) => Promise<void>;

/**
 * The MCP endpoint: Origin, then token, then body, then who may use what, then the SDK. Nothing of the body is read
 * before the token is known to be good.
 */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const { protection, policy, strangers, originPolicy, landing, logger } = options;
  const { bodyLimit = DEFAULT_BODY_LIMIT, maxBodyValues = DEFAULT_MAX_BODY_VALUES } = options;
  const { maxUriLength = MAX_NAME_LENGTH, bodyRoom = createBodyRoom() } = options;
  const { trustedProxies = 0, isClosed = () => false, challengeDialect = "auto" } = options;
  const { requiredScopes = [], loginScopes = [] } = protection ?? {};
  const waitFor = createWaitingRoom();
  const takeTurn = createRequestTurns(options);
  const fairTurn = createFairTurns();
  const lines = createCountedLines(logger);

  return async (request, response, parsedBody) => {
    const resourceMetadata = protection && resourceMetadataFor(request, protection);
    const seen: Seen = {};
    const dialect = () => requestDialect(request, { ...seen, token: seen.caller?.token }, challengeDialect);
    try {
      if (!admitOrigin(request, response)) {
        return;
      }
      const stranger = protection && strangers?.isOne(request) ? strangers : undefined;
      const presented = protection && stranger === undefined ? requireToken(request) : undefined;
      const place = stranger?.enter(request);
      if (place !== undefined) {
        response.once("close", place.leave);
      }
      // Of a stranger the body decides whether a token is needed, so it is read first.
      const asked = stranger && (await bodyOfStranger(request, response, parsedBody, stranger, seen));
      place?.arrived();
      let service = options.service();
      if (service instanceof Promise) {
        await waitFor(service, response);
        // Whoever left while it was loaded is not worth the check of a token.
        if (response.destroyed) {
          return;
        }
        service = await service;
      }
      place?.leave();
      const { exchange, checks, calls: log, quotas, sessions } = service;
      const isServed = METHODS.includes(request.method ?? "");
      // What is refused for its method uses up no proof.
      const find = isServed ? authenticate : identify;
      let caller = presented && checks && (await find(request, presented, checks));
      seen.caller = caller;
      seen.sessions = sessions;
      if (protection !== undefined && caller === undefined && stranger === undefined) {
        throw new Error("Nothing is there to check tokens with.");
      }
      if (protection === undefined && checks !== undefined) {
        throw new Error("Nothing says what is protected.");
      }
      if (!isServed) {
        refuseMethod(response, METHODS);
        return;
      }
      const verifiedAt = performance.now();
      const body =
        asked ?? (request.method === "POST" ? await bodyOf(request, response, parsedBody, caller) : undefined);
      seen.body = body;
      if (response.destroyed) {
        return;
      }
      // A client may send its body for half a minute, and its token be revoked meanwhile.
      if (presented && checks && performance.now() - verifiedAt > MAX_VERDICT_AGE_MS) {
        caller = await identify(request, presented, checks);
      }
      const handle = async (record?: RecordCall) => {
        const calls = log?.begin(body, caller?.token, record);
        try {
          checkLimits(body, maxUriLength);
          if (caller !== undefined) {
            authorize(body, caller.token);
            const over = quotas && (await quotas.take(body, caller.token));
            if (over !== undefined) {
              calls?.end("limited");
              noteQuota(caller.token);
              answerOverQuota(body, over, response);
              return;
            }
          }
          const entered =
            caller && sessions && concernsSessions(request, body)
              ? await enterSession(request, response, body, caller.token, sessions)
              : undefined;
          if (entered?.isServed === true) {
            return;
          }
          const session = entered?.session;
          seen.clientInfo = session?.clientInfo.name;
          const taken = takeTurn(request, response, body, caller);
          const turn = taken instanceof Promise ? await taken : taken;
          if (taken instanceof Promise) {
            // While it waited, the server may have been closed, and its token revoked.
            if (isClosed()) {
              throw new OAuthError("temporarily_unavailable", CLOSED);
            }
            caller = presented && checks && (await identify(request, presented, checks));
            if (caller !== undefined) {
              authorize(body, caller.token);
            }
          }
          await exchange({
            request,
            response,
            body,
            caller,
            resourceMetadata,
            dialect,
            calls,
            turn,
            session,
            beginSession: entered?.begin,
          });
        } catch (error) {
          if (error instanceof TooManyCalls) {
            noteLimited(caller?.token);
          }
          calls?.end(outcomeOfRefusal(error));
          throw error;
        }
        calls?.end(outcomeOfResponse(response));
      };
      await (activeTelemetry()?.messages(request, response, body, handle) ?? handle());
    } catch (error) {
      seen.clientInfo ??= await nameInSession(request, seen.caller?.token, seen.sessions);
      const { body } = seen;
      refuse(error, request, response, { loginScopes, resourceMetadata, body, dialect, landing, logger, lines });
    }
  };

  function admitOrigin(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    if (!originPolicy.allowsOrigin(origin)) {
      options.noteRefusedOrigin?.(origin ?? "");
      refuseOrigin(request, response, METHODS);
      return false;
    }
    if (origin !== undefined) {
      const cors = { origin, methods: METHODS };
      if (request.method === "OPTIONS") {
        answerPreflight(request, response, cors);
        return false;
      }
      setCorsHeaders(response, cors);
    }
    return true;
  }

  /** @throws OAuthError as without a token, for all that is not public: who signs in learns what is wrong with it. */
  async function bodyOfStranger(
    request: IncomingMessage,
    response: ServerResponse,
    parsedBody: unknown,
    { countBatch, mayAsk }: Strangers,
    seen: Seen,
  ): Promise<unknown> {
    const limit = Math.min(bodyLimit, MAX_STRANGER_BODY);
    if (Number(request.headers["content-length"] ?? 0) > limit) {
      throw tokenRequired();
    }
    try {
      const body = await bodyOf(request, response, parsedBody, undefined, limit);
      seen.body = body;
      checkLimits(body, maxUriLength);
      countBatch(request, body);
      if (mayAsk(body)) {
        return body;
      }
    } catch (error) {
      if (!(error instanceof BodyTooLarge || error instanceof InvalidMessage)) {
        throw error;
      }
    }
    throw tokenRequired();
  }

  async function bodyOf(
    request: IncomingMessage,
    response: ServerResponse,
    parsedBody: unknown,
    caller: Caller | undefined,
    limit: number = bodyLimit,
  ): Promise<unknown> {
    const sharer = sharerOf(request, caller, trustedProxies);
    if (parsedBody !== undefined) {
      await fairTurn(sharer);
      checkExtent(extentOfValue(parsedBody));
      return parsedBody;
    }
    let room: TakenRoom | undefined;
    const reserve = async (bytes: number) => {
      const taken = await bodyRoom.take(sharer, bytes, (leave) => request.once("close", leave));
      room = taken;
      if (response.closed) {
        taken.giveBack();
      } else {
        response.once("close", taken.giveBack);
      }
    };
    const bytes = await readBody(request, limit, reserve);
    room?.shrinkTo(bytes.length);
    // Bodies that come at the same moment would all be served in one go.
    await fairTurn(sharer);
    // To read, scan, parse and answer a large one each takes milliseconds. Between them, others have their turn.
    const pause = bytes.length > SMALL_BODY ? nextTurn : undefined;
    await pause?.();
    checkExtent(extentOf(bytes));
    await pause?.();
    const body = parse(bytes);
    await pause?.();
    return body;
  }

  function noteLimited(token: AccessToken | undefined): void {
    const { clientId, login } = token ?? {};
    lines.info(
      `calls limited ${clientId} ${login}`,
      { event: "calls-limited", ...(clientId && { client: clientId }), ...(login && { login }) },
      "Calls are refused: too many of one user are under way or wait. FASTMCP_MAX_CALLS_PER_USER allows more",
    );
  }

  function checkExtent({ isTooDeep, values }: BodyExtent): void {
    if (isTooDeep) {
      throw new InvalidMessage(INVALID_REQUEST, `The body is nested more than ${MAX_NESTING} levels deep.`);
    }
    if (values > maxBodyValues) {
      throw new BodyTooLarge(
        `The body has ${values} values, and ${maxBodyValues} are allowed. The server's operator can allow more with FASTMCP_MAX_BODY_VALUES.`,
      );
    }
  }

  function noteQuota(token: AccessToken): void {
    const who = callerOf(token, false);
    const message = "A user or client is over its quota, so its requests are refused for the rest of the minute";
    lines.info(`quota ${JSON.stringify(who)}`, { event: "quota-exceeded", ...who }, message);
  }

  function authorize(body: unknown, token: AccessToken): void {
    const denial = policy.judge(body, token);
    if (denial?.kind === "forbidden") {
      throw new Forbidden(denial.description);
    }
    // Every request needs these, so the one challenge asks for them too.
    const missing = policy.missing(requiredScopes, token);
    if (denial === undefined && missing.length === 0) {
      return;
    }
    const description = denial?.description ?? `The access token lacks the scope ${missing.join(" ")}.`;
    // A client of 2025-11-25 asks for exactly the challenge's scopes, so what it holds has to stand there too; one of
    // 2026-07-28 adds the new to the old by itself (SEP-2350).
    const held = isModern(body) ? [] : token.scopes;
    const needed = [...requiredScopes, ...(denial?.scopes ?? [])];
    throw new InsufficientScope([...new Set([...requiredScopes, ...held, ...needed])], description, needed);
  }
}

/** @throws InvalidMessage */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new InvalidMessage(PARSE_ERROR, "Parse error: the body is not JSON.");
  }
}

/** A request that was found to be good. */
export interface Admitted {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: unknown;
  /** `undefined` on a server that is open. */
  readonly caller: Caller | undefined;
  /** The URL of the protected resource metadata, where it depends on how the request spells the endpoint. */
  readonly resourceMetadata?: string | undefined;
  /** How the client is told of refusals. */
  readonly dialect?: (() => Dialect) | undefined;
  /** What of the body is logged when it is answered. */
  readonly calls?: Calls | undefined;
  /** What its messages begin by; `undefined` for what takes no turn, such as streams and notifications. */
  readonly turn?: CallTurn | undefined;
  /** What its client said of itself earlier, where it sends that with each request. */
  readonly session?: Session | undefined;
  /** Of an `initialize`: has its answer begin a session, for a client that is told of changes. */
  readonly beginSession?: (() => void) | undefined;
}

/** Has the SDK answer a request. Settles when the answer is sent, or the client has gone. */
export type McpExchange = (admitted: Admitted) => Promise<void>;
