import type { JWTPayload } from "jose";
import { UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";

/** Claims that only id tokens have (OpenID Connect Core 1.0 sections 2, 3.1.3.6 and 3.3.2.11). */
const ID_TOKEN_CLAIMS = ["at_hash", "c_hash", "nonce", "s_hash"];

/**
 * Whether signed claims are those of an id token or a refresh token: by what
 * Keycloak (`typ`) and Cognito (`token_use`) say of it, else by claims that
 * belong to a login, in a token whose audience is our client `clientId`.
 * RFC 9068 tokens (`at+jwt`) say themselves what they are.
 */
export function isOtherToken(
  headerType: string | undefined,
  claims: JWTPayload,
  clientId: string | undefined,
): boolean {
  const { typ, token_use: use } = claims;
  if (typ === "ID" || typ === "Refresh" || typ === "Offline" || (typeof use === "string" && use !== "access")) {
    return true;
  }
  if (headerType === "at+jwt" || typ === "Bearer" || use === "access") {
    return false;
  }
  const forClient = clientId === undefined || [claims.aud].flat().includes(clientId);
  return forClient && ID_TOKEN_CLAIMS.some((claim) => Object.hasOwn(claims, claim));
}

/**
 * What verified claims say in our terms.
 *
 * @throws UpstreamTokenError when they say too little.
 */
export function toVerifiedToken(claims: JWTPayload): VerifiedUpstreamToken {
  const { exp, sub } = claims;
  if (!Number.isSafeInteger(Math.floor(exp ?? Number.NaN))) {
    throw new UpstreamTokenError("claims", 'The token\'s "exp" is not a point in time.');
  }
  const clientId = firstString(claims.client_id, claims.azp, claims.cid, sub);
  const subject = firstString(sub, clientId);
  if (clientId === undefined || subject === undefined) {
    throw new UpstreamTokenError("claims", 'The token has no "sub", so that it stands for nobody.');
  }
  return { subject, clientId, expiresAt: exp as number, scopes: grantedScopes(claims), claims };
}

/** `scope` (RFC 8693 section 4.2), `scp` (Okta, Entra) and `permissions` (Auth0), each as a string or a list. */
function grantedScopes({ scope, scp, permissions }: JWTPayload): readonly string[] {
  const listed = [scope, scp, permissions].flatMap((claim) => (typeof claim === "string" ? claim.split(" ") : claim));
  return [...new Set(listed.filter((entry) => typeof entry === "string" && entry !== ""))] as string[];
}

function firstString(...values: readonly unknown[]): string | undefined {
  return values.find((value) => typeof value === "string" && value !== "") as string | undefined;
}
