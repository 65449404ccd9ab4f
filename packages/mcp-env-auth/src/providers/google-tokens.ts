import type { Clock } from "../lib/clock.ts";
import { requireOurClient, requireSameUser, requireSubject, toLookedUpToken } from "../upstream/looked-up-claims.ts";
import { scopesIn } from "../upstream/provider-values.ts";
import { lookUpToken } from "../upstream/token-lookup.ts";
import type { UpstreamTokenVerifier } from "../upstream/upstream-token.ts";
import { fetchWithToken } from "../upstream/userinfo-verifier.ts";

export interface GoogleTokenOptions {
  /** `https://oauth2.googleapis.com/tokeninfo`. */
  readonly tokenInfoEndpoint: string;
  /** `https://openidconnect.googleapis.com/v1/userinfo`. */
  readonly userinfoEndpoint: string;
  readonly clientId: string;
  /** Seconds. */
  readonly timeout: number;
  readonly clock: Clock;
}

/** Google takes the short spelling and answers with the long one. */
const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ["https://www.googleapis.com/auth/userinfo.email", "email"],
  ["https://www.googleapis.com/auth/userinfo.profile", "profile"],
]);

/** With any of them Google tells whose a token is. */
export const IDENTITY_SCOPES: readonly string[] = ["openid", ...SPELLINGS.keys(), ...SPELLINGS.values()];

/**
 * Verifies Google's opaque access tokens: tokeninfo says which application one was issued to (`aud`), its scopes and
 * its end; userinfo whose it is, where the scopes let it.
 */
export function createGoogleVerifier(options: GoogleTokenOptions): UpstreamTokenVerifier {
  const { tokenInfoEndpoint, userinfoEndpoint, clientId, timeout, clock } = options;
  return {
    async verify(token) {
      const { body: info } = await lookUpToken(tokenInfoEndpoint, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        authorizedBy: "token",
        timeout,
      });
      requireOurClient(info.aud, clientId);
      const scopes = scopesIn(info.scope);
      const tellsUser = scopes.some((scope) => IDENTITY_SCOPES.includes(scope));
      const user = tellsUser ? await fetchWithToken(userinfoEndpoint, token, timeout) : {};
      requireSameUser(info.sub, user.sub);
      return toLookedUpToken(
        {
          subject: requireSubject({ sub: info.sub ?? user.sub }, { advice: "" }),
          clientId,
          expiresAt: info.exp,
          scopes: scopes.flatMap((scope) => [scope, SPELLINGS.get(scope) ?? scope]),
          claims: { ...info, ...user },
        },
        clock,
      );
    },
  };
}
