import { OAuthError } from "../errors.ts";

/** A SHA-256 thumbprint in base64url. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

export function isThumbprint(value: unknown): value is string {
  return typeof value === "string" && THUMBPRINT.test(value);
}

/**
 * The key that a provider bound its token to: `cnf.jkt` (RFC 9449 section 6.1). Nothing for a token that is not bound.
 *
 * @throws OAuthError `invalid_token` when the claim says something that is no thumbprint, or binds the token by what
 * can't be checked here, such as a client's certificate (RFC 8705 section 3.1): to ignore either would unbind the
 * token.
 */
export function confirmationOf(claims: Readonly<Record<string, unknown>>): { readonly jkt?: string } {
  const { cnf } = claims;
  if (cnf === undefined || cnf === null) {
    return {};
  }
  const names = typeof cnf === "object" && !Array.isArray(cnf) ? Object.keys(cnf) : [];
  if (names.length !== 1 || names[0] !== "jkt") {
    throw new OAuthError(
      "invalid_token",
      "The token is bound to its client by a cnf claim that this server can't check. It takes DPoP (cnf.jkt), and tokens that are not bound.",
    );
  }
  const { jkt } = cnf as { readonly jkt?: unknown };
  if (!isThumbprint(jkt)) {
    throw new OAuthError("invalid_token", "The token's cnf.jkt is no key thumbprint.");
  }
  return { jkt };
}
