import type { IncomingMessage } from "node:http";
import type { AccessToken } from "../access-token.ts";
import { type Dialect, type DialectSetting, isDialect, knownClient } from "../client-dialects.ts";

const CLIENT_INFO_KEY = "io.modelcontextprotocol/clientInfo";

/** Where a request's client says of itself what it is. */
export interface ClientHints {
  readonly body?: unknown;
  readonly token?: AccessToken | undefined;
  /** `clientInfo.name` of its session: what it said at `initialize`. */
  readonly clientInfo?: string | undefined;
}

/**
 * The dialect of the client that a request comes from, by its own words: what its token was issued to, then what the
 * request says, or said at `initialize`. Who lies about it gets refusals in another form, and no other refusals.
 */
export function requestDialect(
  request: Pick<IncomingMessage, "headers">,
  { body, token, clientInfo }: ClientHints,
  setting: DialectSetting,
): Dialect {
  if (setting !== "auto") {
    return setting;
  }
  if (isDialect(token?.dialect)) {
    return token.dialect;
  }
  const words = {
    // Where the provider issued the token itself: the id of a client with a document is its URL.
    document: textOf(token?.clientId),
    clientInfo: clientInfoIn(body) ?? clientInfo,
    userAgent: request.headers["user-agent"],
  };
  return knownClient(words)?.dialect ?? "sdk";
}

/** `clientInfo.name` of a request of 2026-07-28, or of an `initialize`. */
function clientInfoIn(body: unknown): string | undefined {
  const { params } = (body ?? {}) as {
    params?: { clientInfo?: unknown; _meta?: Record<string, unknown> | null } | null;
  };
  const info = params?._meta?.[CLIENT_INFO_KEY] ?? params?.clientInfo;
  return textOf((info as { name?: unknown } | null | undefined)?.name);
}

/** A verifier of the user's own may give anything, and a client does. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
