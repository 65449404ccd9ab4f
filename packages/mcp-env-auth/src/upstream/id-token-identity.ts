import type { Clock } from "../lib/clock.ts";
import { toLookedUpToken } from "./looked-up-claims.ts";
import type { SubjectRules } from "./subject-rules.ts";
import { missingSubject, personOf } from "./token-subject.ts";
import { UpstreamTokenError, type UpstreamTokenVerifier } from "./upstream-token.ts";
import { fetchWithToken } from "./userinfo-verifier.ts";

export interface IdTokenIdentityOptions {
  /** Our client at the provider. */
  readonly clientId: string;
  /** How id tokens and userinfo name users. */
  readonly subject: SubjectRules;
  /** Says whose an access token is (OpenID Connect Core 1.0 section 5.3), for a refresh without an id token. */
  readonly userinfoEndpoint?: string | undefined;
  /** Seconds. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock: Clock;
}

type Claims = Readonly<Record<string, unknown>>;

/** What ties an id token to one login and to its other tokens, and says nothing of the user. */
const OF_THE_LOGIN: ReadonlySet<string> = new Set(["at_hash", "c_hash", "nonce", "s_hash"]);

/**
 * For a provider whose access tokens say nothing: the verified id token that came with one says whose it is, and the
 * token endpoint which scopes it has. So this is only for tokens fresh from the provider's token endpoint.
 */
export function createIdTokenIdentity(options: IdTokenIdentityOptions): UpstreamTokenVerifier {
  const { clientId, subject: rules, userinfoEndpoint, timeout, clock } = options;

  function requirePerson(claims: Claims): string {
    const subject = personOf(claims, rules);
    if (subject === undefined) {
      throw missingSubject(claims, rules);
    }
    return subject;
  }

  async function askUserinfo(token: string): Promise<Claims> {
    if (userinfoEndpoint === undefined) {
      throw new UpstreamTokenError(
        "subject",
        "The provider sent no id token with its access token, and has no userinfo endpoint, so nothing says whose the token is.",
      );
    }
    return fetchWithToken(userinfoEndpoint, token, timeout);
  }

  return {
    async verify(token, { idToken, grantedScopes = [] } = {}) {
      const found = idToken ?? (await askUserinfo(token));
      const claims = Object.fromEntries(Object.entries(found).filter(([name]) => !OF_THE_LOGIN.has(name)));
      return toLookedUpToken({ subject: requirePerson(claims), clientId, scopes: grantedScopes, claims }, clock);
    },
    judgeAgain(verified) {
      if (requirePerson(verified.claims) === verified.subject) {
        return verified;
      }
      throw new UpstreamTokenError("subject", "The session was opened under a subject that is not its user's.");
    },
  };
}
