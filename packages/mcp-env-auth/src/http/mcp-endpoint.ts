import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessToken } from "../access-token.ts";
import type { AccessPolicy } from "../authorization/access-policy.ts";
import type { Logger } from "../logger.ts";
import { activeTelemetry } from "../telemetry.ts";
import { type BodyExtent, extentOf, extentOfValue, MAX_NESTING } from "./body-extent.ts";
import { authenticate, type Caller, identify, type McpProtection, requireToken, type TokenChecks } from "./caller.ts";
import { answerPreflight, setCorsHeaders } from "./cors.ts";
import { Forbidden, InsufficientScope, InvalidMessage, refuse } from "./mcp-refusals.ts";
import { sendErrorBody } from "./oauth-error-response.ts";
import type { OriginPolicy } from "./origin-policy.ts";
import { isModern } from "./protocol-revision.ts";
import { BodyTooLarge, readBody } from "./request-body.ts";
import { checkLimits, MAX_NAME_LENGTH } from "./request-limits.ts";
import { createWaitingRoom } from "./waiting-room.ts";

const METHODS = ["POST", "GET", "DELETE"];
const DEFAULT_BODY_LIMIT = 4 * 1024 * 1024;
const DEFAULT_MAX_BODY_VALUES = 50_000;

/** JSON-RPC 2.0 section 5.1. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/** Far less than a revocation may take to count everywhere, and more than a body takes that comes with its headers. */
const MAX_VERDICT_AGE_MS = 100;

/** What serves a request that is not refused at first sight. */
export interface McpService {
  readonly exchange: McpExchange;
  /** `undefined` for a server that was asked to be open. */
  readonly checks: TokenChecks | undefined;
}

export interface McpEndpointOptions {
  /**
   * Asked for by each request that carries what may be a token, or, in an open server, by each. While it is being
   * loaded, such requests wait for it, unread: as many as a {@link createWaitingRoom} has places for.
   */
  service(): McpService | Promise<McpService>;
  /** `undefined` for a server that was asked to be open. */
  readonly protection: McpProtection | undefined;
  readonly policy: AccessPolicy;
  readonly originPolicy: OriginPolicy;
  /** Told of each Origin that is refused. */
  readonly noteRefusedOrigin?: (origin: string) => void;
  /** Bytes; default 4 MiB. */
  readonly bodyLimit?: number;
  /** As {@link BodyExtent} counts them; default 50,000. */
  readonly maxBodyValues?: number;
  /** Characters; default 2048. */
  readonly maxUriLength?: number;
  readonly logger: Logger;
}

/** Serves one request to the MCP endpoint. `parsedBody` is a body that a framework has read already. */
export type McpEndpoint = (request: IncomingMessage, response: ServerResponse, parsedBody?: unknown) => Promise<void>;

/**
 * The MCP endpoint: Origin, then token, then body, then who may use what, then the SDK. Nothing of the body is read
 * before the token is known to be good.
 */
export function createMcpEndpoint(options: McpEndpointOptions): McpEndpoint {
  const { protection, policy, originPolicy, logger } = options;
  const { bodyLimit = DEFAULT_BODY_LIMIT, maxBodyValues = DEFAULT_MAX_BODY_VALUES } = options;
  const { maxUriLength = MAX_NAME_LENGTH } = options;
  const { requiredScopes = [], loginScopes = [] } = protection ?? {};
  const waitFor = createWaitingRoom();

  return async (request, response, parsedBody) => {
    const resourceMetadata = protection && resourceMetadataFor(request, protection);
    try {
      if (!admitOrigin(request, response)) {
        return;
      }
      const presented = protection && requireToken(request);
      let service = options.service();
      if (service instanceof Promise) {
        await waitFor(service, response);
        // Whoever left while it was loaded is not worth the check of a token.
        if (response.destroyed) {
          return;
        }
        service = await service;
      }
      const { exchange, checks } = service;
      let caller = presented && checks && (await authenticate(request, presented, checks));
      if (protection !== undefined && caller === undefined) {
        throw new Error("Nothing is there to check tokens with.");
      }
      if (protection === undefined && checks !== undefined) {
        throw new Error("Nothing says what is protected.");
      }
      if (!METHODS.includes(request.method ?? "")) {
        refuseMethod(response);
        return;
      }
      const verifiedAt = performance.now();
      const body = request.method === "POST" ? await bodyOf(request, parsedBody) : undefined;
      // A client may send its body for half a minute, and its token be revoked meanwhile.
      if (presented && checks && performance.now() - verifiedAt > MAX_VERDICT_AGE_MS) {
        caller = await identify(presented, checks.verifier);
      }
      checkLimits(body, maxUriLength);
      const handle = async () => {
        if (caller !== undefined) {
          authorize(body, caller.token);
        }
        await exchange({ request, response, body, caller, resourceMetadata });
      };
      await (activeTelemetry()?.messages(request, response, body, handle) ?? handle());
    } catch (error) {
      refuse(error, request, response, { loginScopes, resourceMetadata, logger });
    }
  };

  function admitOrigin(request: IncomingMessage, response: ServerResponse): boolean {
    const { origin } = request.headers;
    if (!originPolicy.allowsOrigin(origin)) {
      options.noteRefusedOrigin?.(origin ?? "");
      refuseOrigin(request, response);
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
    if (parsedBody !== undefined) {
      checkExtent(extentOfValue(parsedBody));
      return parsedBody;
    }
    const text = (await readBody(request, bodyLimit)).toString("utf8");
    checkExtent(extentOf(text));
    try {
      return JSON.parse(text);
    } catch {
      throw new InvalidMessage(PARSE_ERROR, "Parse error: the body is not JSON.");
    }
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
    throw new InsufficientScope([...new Set([...requiredScopes, ...held, ...(denial?.scopes ?? [])])], description);
  }
}

/** Clients hold the `resource` of the metadata against the URL that they use, slash and all (RFC 9728 section 3.3). */
function resourceMetadataFor(
  { url = "" }: IncomingMessage,
  { resourceMetadata, slashedResourceMetadata = resourceMetadata }: McpProtection,
): string | undefined {
  return /^[^?#]*\/(?:[?#]|$)/.test(url) ? slashedResourceMetadata : resourceMetadata;
}

/**
 * Lets a page read why it is refused: it would otherwise only see that the request failed. Its preflight passes for
 * that.
 */
function refuseOrigin(request: IncomingMessage, response: ServerResponse): void {
  const cors = { origin: "*", methods: METHODS };
  if (request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined) {
    answerPreflight(request, response, cors);
    return;
  }
  setCorsHeaders(response, cors);
  const advice = "This Origin may not call the server. Its operator can allow it with FASTMCP_HTTP_ALLOWED_ORIGINS.";
  sendErrorBody(response, 403, "access_denied", advice);
}

function refuseMethod(response: ServerResponse): void {
  response.setHeader("Allow", METHODS.join(", "));
  sendErrorBody(response, 405, "invalid_request", "Use POST here.");
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
}

/** Has the SDK answer a request. Settles when the answer is sent, or the client has gone. */
export type McpExchange = (admitted: Admitted) => Promise<void>;
