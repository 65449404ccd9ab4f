import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthInfo, McpHttpHandler } from "@modelcontextprotocol/server";
import { type AccessToken, runWithAccessToken } from "../access-token.ts";
import type { AccessPolicy } from "../authorization/access-policy.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import { authenticate, type Caller, type McpProtection } from "./caller.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { Forbidden, InsufficientScope, InvalidMessage, refuse, TooManyStreams } from "./mcp-refusals.ts";
import { sendErrorBody } from "./oauth-error-response.ts";
import type { OpenStreams } from "./open-streams.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import { readBody } from "./request-body.ts";
import { checkLimits, MAX_NAME_LENGTH } from "./request-limits.ts";
import { toWebRequest } from "./web-request.ts";
import { sendWebResponse } from "./web-response.ts";

const METHODS = ["POST", "GET", "DELETE"];
const DEFAULT_BODY_LIMIT = 4 * 1024 * 1024;
const PARSE_ERROR = -32700;
const LISTEN_METHOD = "subscriptions/listen";
const MODERN_VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

export interface McpEndpointOptions {
  /** The SDK's handler for both protocol eras. */
  readonly handler: Pick<McpHttpHandler, "fetch">;
  /** `undefined` for a server that was asked to be open. */
  readonly protection: McpProtection | undefined;
  readonly policy: AccessPolicy;
  readonly originPolicy: OriginPolicy;
  readonly streams: OpenStreams;
  /** The endpoint's own URL, as the SDK sees it. */
  readonly url: string;
  /** Bytes; default 4 MiB. */
  readonly bodyLimit?: number;
  /** Characters; default 2048. */
  readonly maxUriLength?: number;
  readonly logger: Logger;
}

/** Serves one request to the MCP endpoint. `parsedBody` is a body that a framework has read already. */
export type McpEndpoint = (request: IncomingMessage, response: ServerResponse, parsedBody?: unknown) => Promise<void>;

/**
 * The MCP endpoint: Origin, then token, then body, then who may use what, then the SDK.
 * Nothing of the body is read before the token is known to be good.
 */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const { handler, protection, policy, originPolicy, streams, url, logger } = options;
  const { bodyLimit = DEFAULT_BODY_LIMIT, maxUriLength = MAX_NAME_LENGTH } = options;
  const { requiredScopes = [], loginScopes = [], resourceMetadata } = protection ?? {};

  return async (request, response, parsedBody) => {
    try {
      if (!admitOrigin(request, response)) return;
      const caller = protection && (await authenticate(request, protection));
      if (!METHODS.includes(request.method ?? "")) {
        refuseMethod(response);
        return;
      }
      const body = request.method === "POST" ? await bodyOf(request, parsedBody) : undefined;
      checkLimits(body, maxUriLength);
      const handle = async () => {
        if (caller !== undefined) authorize(body, caller.token);
        await serve(request, response, body, caller);
      };
      await (activeTelemetry()?.messages(request, response, body, handle) ?? handle());
    } catch (error) {
      refuse(error, request, response, { loginScopes, resourceMetadata, bodyLimit, logger });
    }
  };

  function admitOrigin(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    if (!originPolicy.allowsOrigin(origin)) {
      const advice =
        "This Origin may not call the server. Its operator can allow it with FASTMCP_HTTP_ALLOWED_ORIGINS.";
      sendErrorBody(response, 403, "access_denied", advice);
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

  async function bodyOf(request: IncomingMessage, parsedBody: unknown): Promise<unknown> {
    if (parsedBody !== undefined) return parsedBody;
    const bytes = await readBody(request, bodyLimit);
    try {
      return JSON.parse(bytes.toString("utf8"));
    } catch {
      throw new InvalidMessage(PARSE_ERROR, "Parse error: the body is not JSON.");
    }
  }

  function authorize(body: unknown, token: AccessToken): void {
    const denial = policy.judge(body, token);
    if (denial?.kind === "forbidden") throw new Forbidden(denial.description);
    // Every request needs these, so the one challenge asks for them too.
    const missing = policy.missing(requiredScopes, token);
    if (denial === undefined && missing.length === 0) return;
    const description = denial?.description ?? `The access token lacks the scope ${missing.join(" ")}.`;
    // A client of 2025-11-25 asks for exactly the challenge's scopes, so what it holds has to stand there too;
    // one of 2026-07-28 adds the new to the old by itself (SEP-2350).
    const held = isModern(body) ? [] : token.scopes;
    throw new InsufficientScope([...new Set([...requiredScopes, ...held, ...(denial?.scopes ?? [])])], description);
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    caller: Caller | undefined,
  ): Promise<void> {
    const ended = new AbortController();
    const end = () => ended.abort();
    response.once("close", () => {
      if (!response.writableFinished) end();
    });
    // A call that was admitted may finish; a subscription would go on without a token that is good.
    const forget = isSubscription(body) ? streams.add(end, caller?.streamToken) : () => {};
    if (forget === undefined) throw new TooManyStreams();
    const webRequest = toWebRequest(request, url, body, ended.signal);
    const exchange = () =>
      handler.fetch(webRequest, {
        ...(caller === undefined ? {} : { authInfo: toAuthInfo(caller.token) }),
        ...(body === undefined ? {} : { parsedBody: body }),
      });
    try {
      const answer = await (caller === undefined
        ? exchange()
        : runWithAccessToken(caller.token, exchange, protection?.exchange));
      await sendWebResponse(answer, response);
    } finally {
      forget();
    }
  }

  function toAuthInfo(token: AccessToken): AuthInfo {
    return {
      token: token.token,
      clientId: token.clientId,
      scopes: [...token.scopes],
      expiresAt: token.expiresAt,
      extra: { claims: token.claims, subject: token.subject },
      ...(resourceMetadata === undefined ? {} : { resourceMetadataUrl: resourceMetadata }),
    };
  }
}

function refuseMethod(response: ServerResponse): void {
  response.setHeader("Allow", METHODS.join(", "));
  sendErrorBody(response, 405, "invalid_request", "Use POST here.");
}

function isSubscription(body: unknown): boolean {
  return (body as { method?: unknown } | null | undefined)?.method === LISTEN_METHOD;
}

// 2026-07-28 and later carry the version in the body of every request; no earlier version does.
function isModern(body: unknown): boolean {
  const meta = (body as { params?: { _meta?: Record<string, unknown> } } | null)?.params?._meta;
  return typeof meta?.[MODERN_VERSION_KEY] === "string";
}
