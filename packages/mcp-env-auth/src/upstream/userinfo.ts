import type { Clock } from "../clock.ts";
import { toLookedUpToken } from "./looked-up-claims.ts";
import { lookUpToken } from "./token-lookup.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "./upstream-token.ts";

export interface UserinfoOptions {
  /** An address that answers about the user whose token it is called with (OpenID Connect Core 1.0 section 5.3). */
  readonly endpoint: string;
  /** Our client at the provider. */
  readonly clientId: string;
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

/** As `fetchWithToken`, for what is welcome and not needed: nothing when the provider does not tell about this token. */
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
 * Verifies tokens by what they are good for: asking who the user is. The answer says neither the
 * token's client nor its scopes, so this is only for tokens fresh from the provider's token endpoint.
 */
export function createUserinfoVerifier({ endpoint, clientId, timeout, clock }: UserinfoOptions): UpstreamTokenVerifier {
  return {
    async verify(token, grantedScopes = []) {
      const claims = await fetchWithToken(endpoint, token, timeout);
      return toLookedUpToken({ subject: claims.sub ?? claims.id, clientId, scopes: grantedScopes, claims }, clock);
    },
  };
}
