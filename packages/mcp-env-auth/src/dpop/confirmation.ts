import { OAuthError } from "../errors.ts";

/** A SHA-256 thumbprint in base64url. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/;

export function isThumbprint(value: unknown): value is string {
  return typeof value === "string" && THUMBPRINT.test(value);
}

/**
 * The key that a provider bound its token to: `cnf.jkt` (RFC 9449 section 6.1). Nothing for a token that is not bound.
 *
 * @throws OAuthError `invalid_token` when the claim says something that is no thumbprint: to ignore it would unbind the token.
 */
export function confirmationOf(claims: Readonly<Record<string, unknown>>): { readonly jkt?: string } {
  const { cnf } = claims;
  if (typeof cnf !== "object" || cnf === null || !("jkt" in cnf)) return {};
  if (!isThumbprint(cnf.jkt)) throw new OAuthError("invalid_token", "The token's cnf.jkt is no key thumbprint.");
  return { jkt: cnf.jkt };
}
