import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dialect } from "../client-dialects.ts";
import type { CountedLines } from "../counted-lines.ts";
import { PROOF_ALGORITHMS } from "../dpop/proof-header.ts";
import { OAuthError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Challenge, formatBearerChallenge, formatDpopChallenge } from "../resource-server/challenge.ts";
import { SessionNotFound, UnwantedAnswer } from "../sessions/refusals.ts";
import { activeTelemetry } from "../telemetry.ts";
import { NoRoomForBody } from "./body-room.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { INVALID_REQUEST, SESSION_NOT_FOUND } from "./json-rpc.ts";
import { sendErrorBody, sendJson, sendOAuthError } from "./oauth-error-response.ts";
import { isFromPerson, type PeoplesPage, sendPage, varyBy } from "./peoples-page.ts";
import { type RefusedCall, refusalResult } from "./refusal-result.ts";
import { BodyAborted, BodyTooLarge } from "./request-body.ts";
import { ProofRequired } from "./token-proof.ts";

/**
 * The token is good and does not reach far enough: 403 with a challenge that names all it takes (RFC 6750 section 3.1).
 */
export class InsufficientScope extends Error {
  override readonly name = "InsufficientScope";
  readonly scopes: readonly string[];
  /** Of these, what the request needs: the others are what the token carries. */
  readonly needed: readonly string[];

  constructor(scopes: readonly string[], message: string, needed: readonly string[] = scopes) {
    super(message);
    this.scopes = scopes;
    this.needed = needed;
  }
}

/**
 * The token is good, and no scope would make it reach: 403 without a challenge (MCP, Authorization, Error Handling), so
 * that no client logs in again in vain.
 */
export class Forbidden extends Error {
  override readonly name = "Forbidden";
}

/** The body is no request that can be looked at: 400 with an error of JSON-RPC 2.0 section 5.1. */
export class InvalidMessage extends Error {
  override readonly name = "InvalidMessage";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** What refusals at one MCP endpoint say. */
export interface RefusalContext {
  readonly loginScopes: readonly string[];
  readonly resourceMetadata: string | undefined;
  /** What was asked for, as far as it was read. */
  readonly body: unknown;
  readonly dialect: () => Dialect;
  /** What a person reads in place of the body of a 401. Absent: what programs get. */
  readonly landing?: PeoplesPage | undefined;
  readonly logger: Logger;
  /** For what anybody can bring about. */
  readonly lines: CountedLines;
}

/** Answers a request to the MCP endpoint that failed before, or instead of, an answer of the SDK's. */
export function refuse(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  { loginScopes, resourceMetadata, body, dialect, landing, logger, lines }: RefusalContext,
): void {
  const answersAsResult = (refused: RefusedCall): boolean => {
    const result = refusalResult(body, dialect(), refused);
    if (result !== undefined) {
      sendJson(response, 200, result);
    }
    return result !== undefined;
  };
  if (response.headersSent || response.destroyed || error instanceof BodyAborted) {
    response.destroy();
  } else if (error instanceof InsufficientScope) {
    const { scopes, message } = error;
    activeTelemetry()?.refused("insufficient_scope");
    logger.info({ event: "scope-missing", needed: scopes }, message);
    const said = { error: "insufficient_scope", description: message, scopes, resourceMetadata } as const;
    const challenges = challengesFor(request, said, error);
    const text = dialect() === "claude" ? withoutStepUp(error, loginScopes) : message;
    if (answersAsResult({ kind: "scopes", text, challenges })) {
      return;
    }
    challenge(response, challenges);
    sendJson(response, 403, { error: "insufficient_scope", error_description: message, scope: scopes.join(" ") });
  } else if (error instanceof Forbidden) {
    logger.info({ event: "access-denied" }, error.message);
    if (answersAsResult({ kind: "account", text: error.message, challenges: [] })) {
      activeTelemetry()?.refused("access_denied");
      return;
    }
    sendErrorBody(response, 403, "access_denied", error.message);
  } else if (error instanceof OAuthError) {
    if (error.status === 401 || error.code === "invalid_request") {
      const { code, message } = error;
      const hasCredentials = request.headers.authorization !== undefined;
      const said = hasCredentials ? { error: code, description: message } : {};
      if (hasCredentials) {
        const fault = faultOf(error);
        const fields = { event: "token-refused", error: code, ...(fault !== undefined && { fault }) };
        lines.info(`${code} ${fault ?? message}`, fields, message);
      }
      const isStranger = error.status === 401 && !hasCredentials && body !== undefined;
      if (isStranger && answersAsResult(loginNeeded(loginScopes, resourceMetadata))) {
        activeTelemetry()?.refused(code);
        return;
      }
      challenge(response, challengesFor(request, { ...said, scopes: loginScopes, resourceMetadata }, error));
      if (landing !== undefined && request.method === "GET" && !hasCredentials) {
        if (isFromPerson(request)) {
          activeTelemetry()?.refused(code);
          landing(request).then(
            (page) => sendPage(response, error.status, page),
            () => sendOAuthError(response, error),
          );
          return;
        }
        varyBy(response, "Accept");
      }
    }
    const outage = outageOf(error);
    if (outage !== undefined) {
      lines.warn("provider unavailable", { event: "token-unchecked" }, `A token could not be checked. ${outage}`);
    }
    sendOAuthError(response, error);
  } else if (error instanceof BodyTooLarge) {
    sendErrorBody(response, 413, "invalid_request", error.message);
  } else if (error instanceof NoRoomForBody) {
    lines.warn(
      "no room for a body",
      { event: "no-room-for-body" },
      "Large requests are refused: too many are served at once",
    );
    response.setHeader("Retry-After", "1");
    sendErrorBody(response, 503, "temporarily_unavailable", error.message);
  } else if (error instanceof InvalidMessage) {
    sendRpcError(response, 400, error.code, error.message);
  } else if (error instanceof UnwantedAnswer) {
    sendRpcError(response, 400, INVALID_REQUEST, error.message);
  } else if (error instanceof SessionNotFound) {
    sendRpcError(response, 404, SESSION_NOT_FOUND, error.message);
  } else {
    logger.error({ err: error }, "A request to the MCP endpoint failed unexpectedly");
    sendErrorBody(response, 500, "server_error", "The server failed to answer. Its log says why.");
  }
}

/**
 * Lets a page read why it is refused: it would otherwise only see that the request failed. Its preflight passes for
 * that.
 */
export function refuseOrigin(request: IncomingMessage, response: ServerResponse, methods: readonly string[]): void {
  const cors = { origin: "*", methods };
  if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined) {
    answerPreflight(request, response, cors);
    return;
  }
  setCorsHeaders(response, cors);
  const advice = "This Origin may not call the server. Its operator can allow it with FASTMCP_HTTP_ALLOWED_ORIGINS.";
  sendErrorBody(response, 403, "access_denied", advice);
}

/** Answers a request by a method that the endpoint does not serve. */
export function refuseMethod(response: ServerResponse, methods: readonly string[]): void {
  response.setHeader("Allow", methods.join(", "));
  sendErrorBody(response, 405, "invalid_request", "Use POST here.");
}

function sendRpcError(response: ServerResponse, status: number, code: number, message: string): void {
  sendJson(response, status, { jsonrpc: "2.0", id: null, error: { code, message } });
}

/** What is wrong with a token in a word, where a verifier has said so. Messages may hold what its sender chose. */
function faultOf({ cause }: OAuthError): string | undefined {
  return cause instanceof Error && "fault" in cause ? String(cause.fault) : undefined;
}

/** Why the identity provider could not be asked about a token: nothing else would say it. */
function outageOf({ cause }: OAuthError): string | undefined {
  const isOutage = cause instanceof Error && "kind" in cause && cause.kind === "unavailable";
  return isOutage ? cause.message : undefined;
}

/** Of somebody without a token who calls what may or may not be there: the same for both. */
function loginNeeded(scopes: readonly string[], resourceMetadata: string | undefined): RefusedCall {
  const description = "Sign in to use this tool.";
  const challenge = formatBearerChallenge({ error: "invalid_token", description, scopes, resourceMetadata });
  return { kind: "login", text: description, challenges: [challenge] };
}

/** What to do about a missing scope with a client that asks for those of its first login for ever. */
function withoutStepUp({ message, needed }: InsufficientScope, loginScopes: readonly string[]): string {
  const isOffered = needed.every((scope) => loginScopes.includes(scope));
  return isOffered
    ? `${message} This connection was made without it: remove the connector and add it again.`
    : `${message} Logins from here don't ask for it. Ask whoever runs the server to set FASTMCP_LOGIN_SCOPES=all, then remove the connector and add it again.`;
}

function challenge(response: ServerResponse, challenges: readonly string[]): void {
  const [first = "", ...others] = challenges;
  response.setHeader("WWW-Authenticate", others.length === 0 ? first : challenges);
}

/** Clients that use DPoP get a DPoP challenge in addition to the Bearer one. */
function challengesFor(request: IncomingMessage, parameters: Challenge, error: Error): readonly string[] {
  const usesDpop =
    error instanceof ProofRequired ||
    request.headers.dpop !== undefined ||
    /^dpop /i.test(request.headers.authorization ?? "");
  if (!usesDpop) {
    return [formatBearerChallenge(parameters)];
  }
  const { scopes, resourceMetadata } = parameters;
  return [
    formatBearerChallenge({ ...(scopes !== undefined && { scopes }), resourceMetadata }),
    formatDpopChallenge(parameters, PROOF_ALGORITHMS),
  ];
}
