import type { JWTPayload } from "jose";
import { clientIn } from "./machine-token.ts";
import { scopesIn } from "./provider-values.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { machineSubject, missingSubject, subjectOf } from "./token-subject.ts";
import { type LoginFacts, UpstreamTokenError, type VerifiedUpstreamToken } from "./upstream-token.ts";

/** `scope` (RFC 8693 section 4.2), `scp` (Okta, Entra) and `permissions` (Auth0). */
export const SCOPE_CLAIMS: readonly string[] = ["scope", "scp", "permissions"];

/** Claims that only id tokens have (OpenID Connect Core 1.0 sections 2, 3.1.3.6 and 3.3.2.11). */
const ID_TOKEN_CLAIMS = ["at_hash", "c_hash", "nonce", "s_hash"];

/**
 * Whether signed claims are those of an id token or a refresh token: by what Keycloak (`typ`) and Cognito (`token_use`)
 * say of it, else by claims that belong to a login, in a token whose audience is our client `clientId`. RFC 9068 tokens
 * (`at+jwt`) say themselves what they are.
 *
 * @param isFetched the provider issued it to us as an access token: claims of a login are then no sign (Dex,
 * Authentik).
 */
export function isOtherToken(
  headerType: string | undefined,
  claims: JWTPayload,
  clientId: string | undefined,
  isFetched = false,
): boolean {
  const { typ, token_use: use } = claims;
  if (typ === "ID" || typ === "Refresh" || typ === "Offline" || (typeof use === "string" && use !== "access")) {
    return true;
  }
  if (isFetched || headerType === "at+jwt" || typ === "Bearer" || use === "access") {
    return false;
  }
  const forClient = clientId === undefined || [claims.aud].flat().includes(clientId);
  return forClient && ID_TOKEN_CLAIMS.some((claim) => Object.hasOwn(claims, claim));
}

/** How verified claims are read. */
export interface ClaimRules {
  /** The claims that list scopes. Default {@link SCOPE_CLAIMS}. */
  readonly scopeClaims?: readonly string[] | undefined;
  readonly subject?: SubjectRules | undefined;
}

/**
 * What verified claims say in our terms. Whose token it is, a login may say in their place.
 *
 * @throws UpstreamTokenError when they say too little.
 */
export function toVerifiedToken(
  claims: JWTPayload,
  rules: ClaimRules = {},
  login: LoginFacts = {},
): VerifiedUpstreamToken {
  const { exp } = claims;
  if (!Number.isSafeInteger(Math.floor(exp ?? Number.NaN))) {
    throw new UpstreamTokenError("claims", 'The token\'s "exp" is not a point in time.');
  }
  const stated =
    login.machine === undefined
      ? subjectOf(claims, rules.subject)
      : machineSubject(login.machine, claims, rules.subject);
  const subject = stated ?? login.subject;
  if (subject === undefined) {
    throw missingSubject(claims, rules.subject);
  }
  return {
    subject,
    ...(stated === undefined && { subjectFromLogin: true }),
    clientId: clientIn(claims) ?? subject,
    expiresAt: exp as number,
    scopes: listsScopes(claims, rules.scopeClaims)
      ? listedScopes(claims, rules.scopeClaims)
      : (login.grantedScopes ?? []),
    claims,
  };
}

/** Whether any claim speaks of scopes, if only to list none. */
function listsScopes(claims: JWTPayload, scopeClaims: readonly string[] = SCOPE_CLAIMS): boolean {
  return scopeClaims.some((name) => Object.hasOwn(claims, name) && claims[name] !== null);
}

/** The scopes in claims of these names, each a text with spaces or a list, without repeats. */
export function listedScopes(claims: JWTPayload, scopeClaims: readonly string[] = SCOPE_CLAIMS): readonly string[] {
  const values = scopeClaims.map((name) => (Object.hasOwn(claims, name) ? claims[name] : undefined));
  return [...new Set(values.flatMap(scopesIn))];
}
