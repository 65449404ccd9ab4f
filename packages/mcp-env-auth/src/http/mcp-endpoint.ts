import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthInfo, McpHttpHandler } from "@modelcontextprotocol/server";
import { type AccessToken, runWithAccessToken, type TokenVerifier } from "../access-token.ts";
import type { AccessPolicy } from "../authorization/access-policy.ts";
import { OAuthError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { readBearerToken } from "../resource-server/bearer-token.ts";
import { formatBearerChallenge } from "../resource-server/challenge.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { sendErrorBody, sendJson, sendOAuthError } from "./oauth-error-response.ts";
import type { OpenStreams } from "./open-streams.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import { BodyAborted, BodyTooLarge, readBody } from "./request-body.ts";
import { sendWebResponse, toWebRequest } from "./web-exchange.ts";

const METHODS = ["POST", "GET", "DELETE"];
const DEFAULT_BODY_LIMIT = 4 * 1024 * 1024;
const PARSE_ERROR = -32700;
const LISTEN_METHOD = "subscriptions/listen";
const MODERN_VERSION_KEY = "io.modelcontextprotocol/protocolVersion";

/** How one MCP endpoint is protected. */
export interface McpProtection {
  readonly verifier: TokenVerifier;
  readonly requiredScopes: readonly string[];
  /** The URL of the protected resource metadata, for challenges. */
  readonly resourceMetadata: string | undefined;
}

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
  const bodyLimit = options.bodyLimit ?? DEFAULT_BODY_LIMIT;

  return async (request, response, parsedBody) => {
    if (!admitOrigin(request, response)) return;
    try {
      const token = protection === undefined ? undefined : await authenticate(request, protection, policy);
      const body = request.method === "POST" ? await bodyOf(request, parsedBody) : undefined;
      if (token !== undefined && protection !== undefined) authorize(body, token, protection);
      await serve(request, response, body, token);
    } catch (error) {
      answerError(error, request, response);
    }
  };

  function admitOrigin(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    if (!originPolicy.allowsOrigin(origin)) {
      sendErrorBody(
        response,
        403,
        "access_denied",
        "This Origin may not call the server. Its operator can allow it with FASTMCP_HTTP_ALLOWED_ORIGINS.",
      );
      return false;
    }
    if (origin !== undefined) {
      const policy = { origin, methods: METHODS };
      if (request.method === "OPTIONS") {
        answerPreflight(request, response, policy);
        return false;
      }
      setCorsHeaders(response, policy);
    }
    return true;
  }

  async function bodyOf(request: IncomingMessage, parsedBody: unknown): Promise<unknown> {
    if (parsedBody !== undefined) return parsedBody;
    const bytes = await readBody(request, bodyLimit);
    try {
      return JSON.parse(bytes.toString("utf8"));
    } catch {
      throw new MalformedJson();
    }
  }

  function authorize(body: unknown, token: AccessToken, { requiredScopes }: McpProtection): void {
    const denial = policy.judge(body, token.scopes);
    if (denial === undefined) return;
    // A client of 2025-11-25 asks for exactly the challenge's scopes, so what it holds has to stand there too;
    // one of 2026-07-28 adds the new to the old by itself (SEP-2350).
    const held = isModern(body) ? [] : token.scopes;
    throw new InsufficientScope([...new Set([...requiredScopes, ...held, ...denial.scopes])], denial.description);
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    token: AccessToken | undefined,
  ): Promise<void> {
    const ended = new AbortController();
    const end = () => ended.abort();
    response.once("close", end);
    // A call that was admitted may finish; a subscription would go on without a token that is good.
    const forget = isSubscription(body) ? streams.add(end, token?.expiresAt) : undefined;
    const webRequest = toWebRequest(request, url, ended.signal);
    const exchange = () =>
      handler.fetch(webRequest, {
        ...(token === undefined ? {} : { authInfo: toAuthInfo(token) }),
        ...(body === undefined ? {} : { parsedBody: body }),
      });
    try {
      const answer = await (token === undefined ? exchange() : runWithAccessToken(token, exchange));
      await sendWebResponse(answer, response);
    } finally {
      forget?.();
    }
  }

  function toAuthInfo(token: AccessToken): AuthInfo {
    return {
      token: token.token,
      clientId: token.clientId,
      scopes: [...token.scopes],
      expiresAt: token.expiresAt,
      extra: { claims: token.claims, subject: token.subject },
      ...(protection?.resourceMetadata === undefined ? {} : { resourceMetadataUrl: protection.resourceMetadata }),
    };
  }

  function answerError(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (response.headersSent || response.destroyed || error instanceof BodyAborted) {
      response.destroy();
    } else if (error instanceof InsufficientScope) {
      challengeScope(error, response);
    } else if (error instanceof OAuthError) {
      challenge(error, request, response);
    } else if (error instanceof BodyTooLarge) {
      sendErrorBody(response, 413, "invalid_request", `The body is larger than ${bodyLimit} bytes.`);
    } else if (error instanceof MalformedJson) {
      const parseError = { code: PARSE_ERROR, message: "Parse error: the body is not JSON." };
      sendJson(response, 400, { jsonrpc: "2.0", id: null, error: parseError });
    } else {
      logger.error({ err: error }, "A request to the MCP endpoint failed unexpectedly");
      sendErrorBody(response, 500, "server_error", "The server failed to answer. Its log says why.");
    }
  }

  function challengeScope(error: InsufficientScope, response: ServerResponse): void {
    const { scopes, message } = error;
    response.setHeader(
      "WWW-Authenticate",
      formatBearerChallenge({
        error: "insufficient_scope",
        description: message,
        scopes,
        resourceMetadata: protection?.resourceMetadata,
      }),
    );
    sendJson(response, 403, { error: "insufficient_scope", error_description: message, scope: scopes.join(" ") });
  }

  function challenge(error: OAuthError, request: IncomingMessage, response: ServerResponse): void {
    if (error.status === 401 || error.code === "invalid_request") {
      const withCredentials = request.headers.authorization !== undefined;
      response.setHeader(
        "WWW-Authenticate",
        formatBearerChallenge({
          ...(withCredentials ? { error: error.code, description: error.message } : {}),
          scopes: protection?.requiredScopes ?? [],
          resourceMetadata: protection?.resourceMetadata,
        }),
      );
    }
    sendOAuthError(response, error);
  }
}

async function authenticate(
  request: IncomingMessage,
  protection: McpProtection,
  policy: AccessPolicy,
): Promise<AccessToken> {
  const bearer = readBearerToken(request);
  if (bearer === undefined) {
    throw new OAuthError(
      "invalid_token",
      "Authentication is required: send an access token in the Authorization header.",
    );
  }
  const token = await protection.verifier.verify(bearer);
  const missing = policy.missing({ requiredScopes: protection.requiredScopes, anyScope: [] }, token.scopes);
  if (missing.length > 0) {
    throw new InsufficientScope(protection.requiredScopes, `The access token lacks the scope ${missing.join(" ")}.`);
  }
  return token;
}

function isSubscription(body: unknown): boolean {
  return (body as { method?: unknown } | null | undefined)?.method === LISTEN_METHOD;
}

// 2026-07-28 and later carry the version in the body of every request; no earlier version does.
function isModern(body: unknown): boolean {
  const meta = (body as { params?: { _meta?: Record<string, unknown> } } | null)?.params?._meta;
  return typeof meta?.[MODERN_VERSION_KEY] === "string";
}

class InsufficientScope extends Error {
  override readonly name = "InsufficientScope";
  readonly scopes: readonly string[];

  constructor(scopes: readonly string[], message: string) {
    super(message);
    this.scopes = scopes;
  }
}

class MalformedJson extends Error {
  override readonly name = "MalformedJson";
}
