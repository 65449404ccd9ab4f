import type { ServerResponse } from "node:http";
import type { AuthInfo, McpHttpHandler, McpServerFactory } from "@modelcontextprotocol/server";
import {
  type AccessToken,
  runWithAccessToken,
  runWithoutAccessToken,
  type TokenExchange,
  type UserClaims,
} from "../access-token.ts";
import type { McpExchange } from "../http/mcp-endpoint.ts";
import { sendJson } from "../http/oauth-error-response.ts";
import type { OpenStreams } from "../http/open-streams.ts";
import { mayBeLarge } from "../http/request-body.ts";
import type { Questions } from "../sessions/questions.ts";
import type { Session } from "../sessions/sessions.ts";
import { acceptedTypes, BOTH_TYPES } from "./accepted-types.ts";
import type { Asker } from "./ask-client.ts";
import { briefJson, withBriefError } from "./brief-errors.ts";
import { answerDirectly, directMessage } from "./direct-exchange.ts";
import { sendAsJson } from "./json-answer.ts";
import { createPauses } from "./pause-between-checks.ts";
import { subscriberOf } from "./resource-subscriber.ts";
import { scopeRefusal } from "./scope-refusal.ts";
import { sendAnswer } from "./send-answer.ts";
import { type SessionChanges, serveSessionStream } from "./session-stream.ts";
import { maySubscribe } from "./subscribe-resources.ts";
import { createSubscription, runWithSubscription } from "./subscription.ts";
import { toPlainRequest, toWebRequest } from "./web-request.ts";
import { drained, sendWebResponse } from "./web-response.ts";

const LISTEN_METHOD = "subscriptions/listen";
const LIST_METHOD = "tools/list";

export interface McpExchangeOptions {
  /** The SDK's handler for both protocol eras. */
  readonly handler: Pick<McpHttpHandler, "fetch">;
  /**
   * What the handler builds its servers with, where requests may be served without the handler: where none of them has
   * scope challenges of the SDK's.
   */
  readonly direct?: McpServerFactory | undefined;
  /**
   * Whether parts of the handler may be bypassed, and `direct` used; default true. Otherwise the handler gets a
   * `Request` of the platform's for each request.
   */
  readonly fastPath?: boolean | undefined;
  readonly streams: OpenStreams;
  /** The endpoint's own URL, as the SDK sees it. */
  readonly url: string;
  /** The URL of the protected resource metadata. */
  readonly resourceMetadata: string | undefined;
  readonly exchangeToken: TokenExchange | undefined;
  readonly userClaims?: UserClaims | undefined;
  /** Absent: no client can be asked for anything. */
  readonly questions?: Questions | undefined;
  /** Absent: clients up to 2025-11-25 are told of no changes. */
  readonly changes?: SessionChanges | undefined;
}

export function createMcpExchange(options: McpExchangeOptions): McpExchange {
  const { handler, fastPath = true, streams, url, exchangeToken, userClaims, questions } = options;
  const direct = fastPath ? options.direct : undefined;
  const viewOf = fastPath ? toWebRequest : toPlainRequest;

  return (admitted) => {
    const { request, response, body, caller, calls, turn, session, dialect = () => "sdk" } = admitted;
    const { resourceMetadata = options.resourceMetadata } = admitted;
    const changes = session && options.changes;
    const end = earlyEnd(response);
    const accepted = request.method === "POST" ? acceptedTypes(request.headers.accept) : "as stated";
    const takesEvents = accepted !== "json" || isSubscription(body);
    const repeatable = [body, request.rawHeaders];
    const view = viewOf(request, {
      url,
      body,
      accept: accepted === "as stated" ? undefined : BOTH_TYPES,
      signal: end.signal,
      client: {
        turn,
        dialect: listsTools(body) ? dialect() : undefined,
        pause: mayBeLarge(request) ? createPauses() : undefined,
        answer(message) {
          sendAnswer(response, message);
          calls?.answered(message);
        },
        note: (id, note) => calls?.note(id, note),
        sent: (message) => calls?.answered(message),
        brief: (message) => withBriefError(message, repeatable),
        sessionKey: session?.key,
        asker: session && questions && takesEvents && canBeAsked(session) ? askerOf(session, questions) : undefined,
        beginSession: options.changes && (session ? () => {} : admitted.beginSession),
        subscriber: session && changes && maySubscribe(body) ? subscriberOf(session, changes) : undefined,
        caughtUp: async () => (response.writableNeedDrain ? drained(response) : undefined),
      },
    });
    const authInfo = caller && toAuthInfo(caller.token, resourceMetadata);
    const message = takesEvents ? direct && directMessage(view, body) : undefined;
    const answer = async () => {
      try {
        if (direct !== undefined && message !== undefined) {
          await answerDirectly(direct, { request: view, message, authInfo }, response);
        } else if (!(await opensStream())) {
          await answerByHandler();
        }
      } finally {
        if (end.signal.aborted) {
          calls?.end("cancelled");
        }
      }
    };
    return caller === undefined
      ? runWithoutAccessToken(answer)
      : runWithAccessToken(caller.token, answer, exchangeToken, userClaims);

    /** Serves the stream of a session, where that is what is asked for. */
    async function opensStream(): Promise<boolean> {
      if (request.method !== "GET" || session === undefined || changes === undefined || caller === undefined) {
        return false;
      }
      const asCaller = <T>(work: () => T): T => runWithAccessToken(caller.token, work, exchangeToken, userClaims);
      return serveSessionStream(
        { request, response, session, caller, view, authInfo, asCaller },
        { ...changes, streams },
      );
    }

    async function answerByHandler(): Promise<void> {
      // A call that was admitted may finish; a subscription would go on without a token that is good.
      const abort = () => end.abort();
      const fetch = () =>
        handler.fetch(view, {
          ...(authInfo === undefined ? {} : { authInfo }),
          ...(body === undefined ? {} : { parsedBody: body }),
        });
      const forget = isSubscription(body) ? streams.add(abort, caller?.streamToken) : () => {};
      try {
        const answer = await (isSubscription(body)
          ? runWithSubscription(createSubscription(body, response, abort), fetch)
          : fetch());
        // What was answered directly is over.
        if (response.writableEnded) {
          return;
        }
        const instead = scopeRefusal(answer, body, dialect);
        if (instead !== undefined) {
          calls?.end("refused");
          return sendJson(response, 200, instead);
        }
        const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
        if (isStream && !takesEvents) {
          await sendAsJson(answer, Array.isArray(body), response);
        } else {
          await sendWebResponse(answer, response, (text) => briefJson(text, repeatable));
        }
      } finally {
        forget();
      }
    }
  };
}

/** A session may be for news of changes alone. */
function canBeAsked({ capabilities }: Session): boolean {
  return Object.keys(capabilities).length > 0;
}

function askerOf(session: Session, questions: Questions): Asker {
  return { session, open: (take, request) => questions.open(session, take, request) };
}

/** What aborts when the client goes away. */
function earlyEnd(response: ServerResponse): AbortController {
  const end = new AbortController();
  // It may have gone while its token was checked.
  if (response.destroyed) {
    end.abort();
  } else {
    response.once("close", () => {
      if (!response.writableFinished) {
        end.abort();
      }
    });
  }
  return end;
}

function toAuthInfo(token: AccessToken, resourceMetadata: string | undefined): AuthInfo {
  return {
    token: token.token,
    clientId: token.clientId,
    scopes: [...token.scopes],
    expiresAt: token.expiresAt,
    extra: { claims: token.claims, subject: token.subject },
    ...(resourceMetadata === undefined ? {} : { resourceMetadataUrl: resourceMetadata }),
  };
}

function listsTools(body: unknown): boolean {
  return Array.isArray(body) ? body.some(listsTools) : methodOf(body) === LIST_METHOD;
}

function isSubscription(body: unknown): boolean {
  return methodOf(body) === LISTEN_METHOD;
}

function methodOf(message: unknown): unknown {
  return (message as { method?: unknown } | null | undefined)?.method;
}
