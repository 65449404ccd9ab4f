import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessToken } from "../access-token.ts";
import { OAuthError } from "../errors.ts";
import { answersIn, cancelledIn } from "../sessions/client-answer.ts";
import type { Questions } from "../sessions/questions.ts";
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
}

/** What became of a request: it belongs to a session or to none, or was served here. */
export type SessionRequest = Session | undefined | "served";

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
  { sessions, questions }: SessionService,
): Promise<SessionRequest> {
  if (isWithoutSessions(request, body)) {
    return undefined;
  }
  if (isInitialize(body)) {
    const begun = await sessions.begin(body.params, caller);
    if (begun !== undefined) {
      response.setHeader("Mcp-Session-Id", begun);
    }
    return undefined;
  }
  const id = String(request.headers[SESSION_HEADER]);
  if (request.method === "DELETE") {
    await sessions.end(id, caller);
    response.writeHead(204).end();
    return "served";
  }
  const session = await sessions.find(id, caller);
  const cancelled = cancelledIn(body);
  if (cancelled !== undefined) {
    questions.cancel(session, cancelled);
  }
  const answers = answersIn(body);
  if (answers === undefined) {
    return session;
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
  return "served";
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
