import type { IncomingMessage } from "node:http";
import { OAuthError } from "../errors.ts";

// RFC 6750 section 2.1: b64token. The scheme is case-insensitive (RFC 9110 section 11.1).
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;
const BEARER_SCHEME = /^bearer(?: |$)/i;

/**
 * The bearer token of a request, from the `Authorization` header alone (RFC 6750 section 2.1);
 * a token in the query or the body does not count. `undefined` when the header is
 * absent or of another scheme.
 *
 * @throws OAuthError `invalid_request` for a repeated header, `invalid_token` for one that is no token.
 */
export function readBearerToken(request: Pick<IncomingMessage, "headersDistinct">): string | undefined {
  const headers = request.headersDistinct.authorization;
  if (headers === undefined) return undefined;
  if (headers.length > 1) {
    throw new OAuthError("invalid_request", "The Authorization header was sent more than once.");
  }
  const header = headers[0] ?? "";
  if (!BEARER_SCHEME.test(header)) return undefined;
  const token = BEARER.exec(header)?.[1];
  if (token === undefined) throw new OAuthError("invalid_token", "The Authorization header holds no bearer token.");
  return token;
}
