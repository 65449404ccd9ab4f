import type { ServerResponse } from "node:http";
import type { AuthInfo, McpHttpHandler, McpServerFactory } from "@modelcontextprotocol/server";
import { type AccessToken, runWithAccessToken, type TokenExchange } from "../access-token.ts";
import type { McpExchange } from "../http/mcp-endpoint.ts";
import { TooManyStreams } from "../http/mcp-refusals.ts";
import type { OpenStreams } from "../http/open-streams.ts";
import { acceptedTypes, BOTH_TYPES } from "./accepted-types.ts";
import { briefJson, withBriefError } from "./brief-errors.ts";
import { answerDirectly, directMessage } from "./direct-exchange.ts";
import { sendAsJson } from "./json-answer.ts";
import { sendAnswer } from "./send-answer.ts";
import { toPlainRequest, toWebRequest } from "./web-request.ts";
import { drained, sendWebResponse } from "./web-response.ts";

const LISTEN_METHOD = "subscriptions/listen";

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
}

export function createMcpExchange(options: McpExchangeOptions): McpExchange {
  const { handler, fastPath = true, streams, url, exchangeToken } = options;
  const direct = fastPath ? options.direct : undefined;
  const viewOf = fastPath ? toWebRequest : toPlainRequest;

  return ({ request, response, body, caller, resourceMetadata = options.resourceMetadata }) => {
    const end = earlyEnd(response);
    const accepted = request.method === "POST" ? acceptedTypes(request.headers.accept) : "as stated";
    const takesEvents = accepted !== "json" || isSubscription(body);
    const view = viewOf(request, {
      url,
      body,
      accept: accepted === "as stated" ? undefined : BOTH_TYPES,
      signal: () => end().signal,
      client: {
        answer: (message) => sendAnswer(response, message),
        brief: (message) => withBriefError(message, [body, request.rawHeaders]),
        caughtUp: async () => (response.writableNeedDrain ? drained(response) : undefined),
      },
    });
    const authInfo = caller && toAuthInfo(caller.token, resourceMetadata);
    const message = takesEvents ? direct && directMessage(view, body) : undefined;
    const answer = () =>
      direct !== undefined && message !== undefined
        ? answerDirectly(direct, { request: view, message, authInfo }, response)
        : answerByHandler();
    return caller === undefined ? answer() : runWithAccessToken(caller.token, answer, exchangeToken);

    async function answerByHandler(): Promise<void> {
      // A call that was admitted may finish; a subscription would go on without a token that is good.
      const forget = isSubscription(body) ? streams.add(() => end().abort(), caller?.streamToken) : () => {};
      if (forget === undefined) {
        throw new TooManyStreams();
      }
      try {
        const answer = await handler.fetch(view, {
          ...(authInfo === undefined ? {} : { authInfo }),
          ...(body === undefined ? {} : { parsedBody: body }),
        });
        // What was answered directly is over.
        if (response.writableEnded) {
          return;
        }
        const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
        if (isStream && !takesEvents) {
          await sendAsJson(answer, Array.isArray(body), response);
        } else {
          await sendWebResponse(answer, response, (text) => briefJson(text, [body, request.rawHeaders]));
        }
      } finally {
        forget();
      }
    }
  };
}

/**
 * What aborts when the client goes away. It is made for the first who asks: to make it costs more than most of what is
 * done with it.
 */
function earlyEnd(response: ServerResponse): () => AbortController {
  let made: AbortController | undefined;
  // It may have gone while its token was checked.
  const wasGone = response.destroyed;
  return () => {
    if (made !== undefined) {
      return made;
    }
    const controller = new AbortController();
    made = controller;
    const end = () => {
      if (wasGone || !response.writableFinished) {
        controller.abort();
      }
    };
    if (response.closed || wasGone) {
      end();
    } else {
      response.once("close", end);
    }
    return controller;
  };
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

function isSubscription(body: unknown): boolean {
  return (body as { method?: unknown } | null | undefined)?.method === LISTEN_METHOD;
}
