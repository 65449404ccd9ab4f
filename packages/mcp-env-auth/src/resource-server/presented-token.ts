import { OAuthError } from "../errors.ts";

/** An access token, and how it came. */
export interface PresentedToken {
  readonly scheme: "Bearer" | "DPoP";
  readonly token: string;
}

// RFC 6750 section 2.1: b64token; RFC 9449 section 7.1: token68, the same. Schemes are case-insensitive (RFC 9110
// section 11.1).
const CREDENTIALS = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*) *$/i;
const SCHEME = /^(?:bearer|dpop)(?: |$)/i;

/**
 * The access token of a request, from the `Authorization` header alone (RFC 6750 section 2.1, RFC 9449 section 7.1); a
 * token in the query or the body does not count. `undefined` when the header is absent or of another scheme.
 *
 * @param headers the values of the request's Authorization headers.
 * @throws OAuthError `invalid_request` for a repeated header, `invalid_token` for one that is no token.
 */
export function readPresentedToken(headers: readonly string[] | undefined): PresentedToken | undefined {
  if (headers === undefined) {
    return undefined;
  }
  if (headers.length > 1) {
    throw new OAuthError("invalid_request", "The Authorization header was sent more than once.");
  }
  const header = headers[0] ?? "";
  if (!SCHEME.test(header)) {
    return undefined;
  }
  const [, scheme = "", token] = CREDENTIALS.exec(header) ?? [];
  if (token === undefined) {
    throw new OAuthError("invalid_token", "The Authorization header holds no access token.");
  }
  return { scheme: scheme.length === "dpop".length ? "DPoP" : "Bearer", token };
}
