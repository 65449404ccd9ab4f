import type { TokenResponse } from "../tokens/sealed-tokens.ts";

export interface IssuedAccessToken {
  readonly accessToken: string;
  /** Seconds since the Unix epoch, as is `now`. */
  readonly expiresAt: number;
  readonly now: number;
  readonly scopes: readonly string[];
  /** The thumbprint of the key that the token is bound to, if it is (RFC 9449 section 6.1). */
  readonly jkt?: string | undefined;
}

/** What the token endpoint says of an access token (RFC 6749 section 5.1). */
export function tokenResponse({ accessToken, expiresAt, now, scopes, jkt }: IssuedAccessToken): TokenResponse {
  return {
    access_token: accessToken,
    token_type: jkt === undefined ? "Bearer" : "DPoP",
    expires_in: Math.max(0, Math.floor(expiresAt - now)),
    // RFC 6749 section 3.3: a scope has one name at least.
    ...(scopes.length > 0 && { scope: scopes.join(" ") }),
  };
}
