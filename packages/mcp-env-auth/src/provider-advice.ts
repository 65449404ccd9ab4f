/**
 * Where at one provider that is put right which can go wrong at any. Each is one or more sentences that end a message;
 * without one, the message says it in the terms of the standards.
 */
export interface ProviderAdvice {
  /** Its access tokens are opaque or encrypted, and must be signed JWTs. */
  readonly opaqueToken?: string;
  /** They are signed with an algorithm that has no published key. */
  readonly signingAlgorithm?: string;
  /** They are of another issuer than expected. */
  readonly issuer?: string;
  /** It knows no API of the audience that is asked for. */
  readonly unknownAudience?: string;
  /** Its token lacks scopes. */
  readonly missingScopes?: string;
  /** Its tokens do not say whose they are. */
  readonly noSubject?: string;
  /** It gave no refresh token. */
  readonly noRefreshToken?: string;
  /** It takes our application without its secret. */
  readonly publicClient?: string;
  /** It refuses a login for its organization, or for having none. */
  readonly organization?: string;
  /** It does not exchange tokens for those of other APIs. */
  readonly tokenExchange?: string;
  /** It refuses the login for what the application may do. */
  readonly refusedLogin?: string;
}

export const noAdvice: ProviderAdvice = {};
