import type { Clock } from "../lib/clock.ts";
import { requireSealedSubject, requireSubject, toLookedUpToken } from "./looked-up-claims.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { lookUpToken } from "./token-lookup.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "./upstream-token.ts";

export interface UserinfoOptions {
  /** An address that answers about the user whose token it is called with (OpenID Connect Core 1.0 section 5.3). */
  readonly endpoint: string;
  /** Our client at the provider. */
  readonly clientId: string;
  /** How the answer names the user. */
  readonly subject?: SubjectRules | undefined;
  /** Seconds. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock: Clock;
}

/** GETs a document of the user's with the user's own token. Errors are those of `lookUpToken`. */
export async function fetchWithToken(
  url: string,
  token: string,
  timeout: number | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const lookup = { headers: { authorization: `Bearer ${token}` }, authorizedBy: "token", timeout } as const;
  return (await lookUpToken(url, lookup)).body;
}

/**
 * As `fetchWithToken`, for what is welcome and not needed: nothing when the provider does not tell about this token.
 */
export async function fetchUserClaims(
  url: string,
  token: string,
  timeout: number | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await fetchWithToken(url, token, timeout);
  } catch (error) {
    if (error instanceof UpstreamTokenError) {
      return {};
    }
    throw error;
  }
}

/**
 * Verifies tokens by what they are good for: asking who the user is. The answer says neither the token's client nor its
 * scopes, so this is only for tokens fresh from the provider's token endpoint.
 */
export function createUserinfoVerifier(options: UserinfoOptions): UpstreamTokenVerifier {
  const { endpoint, clientId, subject: rules, timeout, clock } = options;
  return {
    async verify(token, { grantedScopes = [] } = {}) {
      const claims = await fetchWithToken(endpoint, token, timeout);
      const subject = requireSubject(withSub(claims), rules);
      return toLookedUpToken({ subject, clientId, scopes: grantedScopes, claims }, clock);
    },
    judgeAgain(verified) {
      requireSealedSubject({ ...verified, claims: withSub(verified.claims) }, rules);
      return verified;
    },
  };
}

/** OAuth providers without OpenID Connect call the user's id `id`. */
function withSub(claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...claims, sub: claims.sub ?? claims.id };
}
