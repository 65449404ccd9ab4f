import type { IncomingMessage, ServerResponse } from "node:http";
import type { Admitted, McpExchange } from "../http/mcp-endpoint.ts";
import { sendErrorBody, sendJson } from "../http/oauth-error-response.ts";
import type { OpenStreams } from "../http/open-streams.ts";
import { isWithoutSessions, SESSION_HEADER } from "../http/session-requests.ts";
import type { Logger } from "../logger.ts";
import { answerFault } from "./answer-fault.ts";
import { createAnswerObserver } from "./answer-observer.ts";
import { type BodyEditor, createBodyEditor } from "./body-editor.ts";
import { checkFieldNames } from "./exact-fields.ts";
import { filterLists, type SchemesOf } from "./filter-lists.ts";
import type { ForeignPolicy } from "./foreign-policy.ts";
import { isEventStream, requestHeaders, responseHeaders, retryAfterOf } from "./forwarded-headers.ts";
import type { HttpUpstream } from "./http-upstream.ts";
import type { Identity } from "./identity.ts";
import { judgeForeign } from "./judge-foreign.ts";
import { relayBody } from "./relay-body.ts";
import { judgeAnswer, type Verdict } from "./upstream-answer.ts";
import { UpstreamFault } from "./upstream-fault.ts";
import type { UpstreamHealth } from "./upstream-health.ts";
import type { UpstreamSessions } from "./upstream-session.ts";

/** What may be sent twice, because it changes nothing. */
const REPEATABLE = /^(?:ping|server\/discover|[a-z/]+\/list|resources\/read|prompts\/get|completion\/complete)$/;

export interface ForwarderOptions {
  readonly client: HttpUpstream;
  readonly health: UpstreamHealth;
  readonly sessions: UpstreamSessions;
  /** Absent: everyone with a good token may use everything. */
  readonly policy?: ForeignPolicy | undefined;
  /** For clients that read how a tool may be called. */
  readonly schemesOf: SchemesOf;
  readonly identity: Identity;
  readonly streams: OpenStreams;
  readonly logger: Logger;
}

/**
 * Has an upstream answer requests that were found to be good. What is sent is written anew from what was judged, so
 * that no two readings of one body differ. Answers are passed on as they come.
 */
export function createForwarder(options: ForwarderOptions): McpExchange {
  const { client, health, sessions, policy, identity, streams, logger } = options;
  return async (admitted) => {
    const { request, response, body, caller, calls } = admitted;
    checkFieldNames(body);
    const missing = policy && caller && judgeForeign(body, caller.token, policy);
    if (missing !== undefined) {
      calls?.answered(missing);
      return sendJson(response, 200, missing);
    }
    const named = isWithoutSessions(request, body) ? undefined : request.headers[SESSION_HEADER];
    const session = named === undefined ? undefined : await sessions.open(String(named), caller?.token);
    const abort = new AbortController();
    const leave = () => abort.abort();
    const end = () => {
      response.end();
      leave();
    };
    // Calls that were admitted may finish; what lasts ends with its token.
    const forget = lasts(request, body) ? streams.add(end, caller?.streamToken) : () => {};
    response.once("close", leave);
    if (response.destroyed) {
      leave();
    }
    try {
      health.admit();
      const answer = await client.ask({
        method: request.method ?? "POST",
        headers: {
          ...requestHeaders(request),
          ...(await identity.headersFor(caller?.token)),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(session !== undefined && { [SESSION_HEADER]: session }),
        },
        body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
        isRepeatable: request.method !== "POST" || isRepeatable(body),
        signal: abort.signal,
      });
      health.answered();
      const verdict = await judgeAnswer(answer, client.url, session !== undefined);
      await setSession(answer, admitted);
      await pass(answer, verdict, admitted);
    } catch (error) {
      if (abort.signal.aborted) {
        calls?.end("cancelled");
        return;
      }
      if (!(error instanceof UpstreamFault)) {
        throw error;
      }
      if (error.kind === "unreachable" && error.retryAfter === undefined) {
        health.unreachable();
      }
      answerFault(error, admitted, logger);
    } finally {
      forget();
      response.off("close", leave);
    }
  };

  /** A session that the upstream begins is its user's alone. */
  async function setSession({ headers }: IncomingMessage, { response, caller }: Admitted): Promise<void> {
    const id = headers[SESSION_HEADER];
    if (id === undefined) {
      return;
    }
    const sealed = await sessions.seal(String(id), caller?.token);
    if (sealed === undefined) {
      const text = `The upstream ${client.url.host} sent an invalid Mcp-Session-Id: it must be 1 to 1,000 characters of visible ASCII.`;
      throw new UpstreamFault("unusable", text);
    }
    response.setHeader("Mcp-Session-Id", sealed);
  }

  async function pass(answer: IncomingMessage, verdict: Verdict, admitted: Admitted): Promise<void> {
    const { response, body, calls } = admitted;
    switch (verdict.kind) {
      case "empty":
        response.writeHead(verdict.status).end();
        return;
      case "error":
        if (!Array.isArray(body)) {
          calls?.answered(verdict.body);
        }
        return sendJson(response, verdict.status, verdict.body);
      case "status":
        return sendStatus(answer, verdict.status, response);
      case "forward": {
        const isStream = isEventStream(answer.headers);
        const observer = calls && createAnswerObserver(calls, isStream);
        const editor = editorFor(isStream, admitted);
        response.writeHead(200, responseHeaders(answer.headers, editor !== undefined));
        response.flushHeaders();
        const ended = await relayBody(answer, response, (chunk) => observer?.take(chunk), editor);
        if (ended === "complete") {
          observer?.end();
          return;
        }
        calls?.end(ended === "left" ? "cancelled" : "error");
        if (ended === "broken") {
          const text = `The upstream ${client.url.host} broke off its answer, which its client has in part.`;
          logger.warn({ event: "upstream-failed", kind: "broken" }, text);
        }
      }
    }
  }

  /** Lists may come in any stream: a client can have one that it missed sent again. */
  function editorFor(isStream: boolean, { body, caller, dialect }: Admitted): BodyEditor | undefined {
    if (policy === undefined || caller === undefined || !(isStream || listsSomething(body))) {
      return undefined;
    }
    const schemesOf = dialect?.() === "chatgpt" ? options.schemesOf : undefined;
    return createBodyEditor(isStream, (message) => filterLists(message, caller.token, policy, schemesOf));
  }
}

/** In our own words: what the upstream wrote may be a page, or a stack trace. */
function sendStatus({ headers }: IncomingMessage, status: number, response: ServerResponse): void {
  const retryAfter = retryAfterOf(headers);
  if (retryAfter !== undefined) {
    response.setHeader("Retry-After", String(retryAfter));
  }
  const allow = /^[A-Z, ]{1,100}$/.exec(headers.allow ?? "")?.[0];
  if (allow !== undefined) {
    response.setHeader("Allow", allow);
  }
  sendErrorBody(response, status, "invalid_request", `The MCP server behind this gateway refused this (${status}).`);
}

function lasts({ method }: IncomingMessage, body: unknown): boolean {
  return method === "GET" || (body as { readonly method?: unknown } | undefined)?.method === "subscriptions/listen";
}

function listsSomething(body: unknown): boolean {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.some((message) =>
    String((message as { readonly method?: unknown } | null)?.method).endsWith("/list"),
  );
}

function isRepeatable(body: unknown): boolean {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.every((message) => {
    const { method } = (message ?? {}) as { readonly method?: unknown };
    return typeof method === "string" && REPEATABLE.test(method);
  });
}
