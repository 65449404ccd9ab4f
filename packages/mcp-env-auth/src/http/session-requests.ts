import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessToken } from "../access-token.ts";
import { OAuthError } from "../errors.ts";
import { answersIn, cancelledIn } from "../sessions/client-answer.ts";
import type { LogLevels } from "../sessions/log-levels.ts";
import type { Questions } from "../sessions/questions.ts";
import type { SessionStreams } from "../sessions/session-streams.ts";
import type { Session, Sessions } from "../sessions/sessions.ts";
import { isModern } from "./json-rpc.ts";

/** Of MCP 2025-11-25, Streamable HTTP, Session Management. */
export const SESSION_HEADER = "mcp-session-id";
const VERSION_HEADER = "mcp-protocol-version";

/** The revisions from this one on have no sessions. They compare as texts. */
const FIRST_WITHOUT_SESSIONS = "2026";

/** Answers in one body: twice as many as one user can be asked for. */
const MAX_ANSWERS = 32;

/** What serves the sessions of users. */
export interface SessionService {
  readonly sessions: Sessions;
  readonly questions: Questions;
  readonly streams: SessionStreams;
  readonly levels: LogLevels;
}

/** How a request has to do with sessions: not at all, where it has nothing of this. */
export interface SessionRequest {
  /** Whether it was served here. */
  readonly isServed?: boolean;
  /** The session that it belongs to. */
  readonly session?: Session;
  /**
   * Of an `initialize`: has its answer begin a session for a client that can be told of changes. Where it can be asked
   * for something, its session has begun already.
   */
  readonly begin?: () => void;
}

/** Whether a request has to do with sessions at all: most have not, and are to cost nothing more. */
export function concernsSessions({ headers }: IncomingMessage, body: unknown): boolean {
  return headers[SESSION_HEADER] !== undefined || isInitialize(body);
}

/**
 * Begins a session, finds the one that a request belongs to, ends it, or takes answers to questions. A header in a
 * request of 2026-07-28 says nothing.
 *
 * @throws SessionNotFound, UnwantedAnswer, OAuthError
 */
export async function enterSession(
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  caller: AccessToken,
  { sessions, questions, streams }: SessionService,
): Promise<SessionRequest> {
  if (isWithoutSessions(request, body)) {
    return {};
  }
  if (isInitialize(body)) {
    const begun = await sessions.begin(body.params, caller);
    if (begun === undefined) {
      return {};
    }
    const begin = () => void response.setHeader("Mcp-Session-Id", begun.id);
    if (begun.canBeAsked) {
      begin();
    }
    return { begin };
  }
  const id = String(request.headers[SESSION_HEADER]);
  const session = await sessions.find(id, caller);
  if (request.method === "DELETE") {
    await sessions.end(id, caller);
    streams.end(session);
    response.writeHead(204).end();
    return { isServed: true };
  }
  const cancelled = cancelledIn(body);
  if (cancelled !== undefined) {
    questions.cancel(session, cancelled);
  }
  const answers = answersIn(body);
  if (answers === undefined) {
    return { session };
  }
  if (answers.length > MAX_ANSWERS) {
    throw new OAuthError(
      "invalid_request",
      `A request may have ${MAX_ANSWERS} answers. Send the others by themselves.`,
    );
  }
  for (const answer of answers) {
    await questions.answer(answer, session);
  }
  response.writeHead(202).end();
  return { isServed: true };
}

/**
 * What a client called itself at `initialize` (`clientInfo.name`), by the session of its request; `undefined` where
 * that is none of this caller's.
 */
export async function nameInSession(
  { headers }: IncomingMessage,
  caller: AccessToken | undefined,
  service: SessionService | undefined,
): Promise<string | undefined> {
  const id = headers[SESSION_HEADER];
  if (id === undefined || caller === undefined || service === undefined) {
    return undefined;
  }
  try {
    return (await service.sessions.find(String(id), caller)).clientInfo.name;
  } catch {
    return undefined;
  }
}

function isInitialize(body: unknown): body is { readonly params?: unknown } {
  const { method, id } = (body ?? {}) as { readonly method?: unknown; readonly id?: unknown };
  return method === "initialize" && id !== undefined;
}

/** Whether a request is of a revision that has no sessions: a header that names one says nothing there. */
export function isWithoutSessions({ headers }: IncomingMessage, body: unknown): boolean {
  const messages = Array.isArray(body) ? body : [body];
  return String(headers[VERSION_HEADER] ?? "") >= FIRST_WITHOUT_SESSIONS || messages.some(isModern);
}
