import type { ProviderAdvice } from "../provider-advice.ts";
import type { SubjectRules } from "./subject-rules.ts";
import type { VerificationKeys } from "./verification-keys.ts";

/** Seconds that a verified token counts as good before its signature is checked against the issuer's keys again. */
export const SIGNED_TOKEN_TTL = 60;

/** A provider's access token after verification. */
export interface VerifiedUpstreamToken {
  /** The user, or the machine as `<client id>@clients`: unique over all users and machines of the server. */
  readonly subject: string;
  /** The token itself names nobody: `subject` is the login's. */
  readonly subjectFromLogin?: true;
  readonly clientId: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** All that the token carries: `scope`, `scp` and `permissions`, without repeats. */
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  /** The organization (tenant) that it is for, where it names one. */
  readonly organization?: string;
}

/**
 * Verifies a provider's access token.
 *
 * Rejects with {@link UpstreamTokenError} when the token is not good, and with `UpstreamError` of kind `unavailable`
 * when that can't be decided now.
 */
export interface UpstreamTokenVerifier {
  /** What a signed JWT is held to; absent where tokens are looked up. */
  readonly rules?: TokenRules;
  /** @param from gives the address that the token was sent from, where that matters: what strangers cost is limited. */
  verify(token: string, login?: LoginFacts, from?: () => string): Promise<VerifiedUpstreamToken>;
  /**
   * What was verified earlier, held to the rules of today that need no look at the token. @throws UpstreamTokenError
   */
  judgeAgain?(verified: VerifiedUpstreamToken): VerifiedUpstreamToken;
}

/**
 * What is known of an access token that we got from the provider's token endpoint ourselves, and that a presented token
 * has to say by itself.
 */
export interface LoginFacts {
  /**
   * What the token endpoint granted with the token (RFC 6749 section 5.1): counts where the token itself lists no
   * scope.
   */
  readonly grantedScopes?: readonly string[] | undefined;
  /** Whom the login's verified id token names. */
  readonly subject?: string | undefined;
  /** The claims of the verified id token that came with it. */
  readonly idToken?: Readonly<Record<string, unknown>> | undefined;
  /** The provider has issued the token just now: what we can't know yet of it may become known. */
  readonly isNew?: boolean | undefined;
  /** The machine that the provider issued the token to, by its own credentials. */
  readonly machine?: string | undefined;
}

/** What a verifier of signed JWTs asks of a token, for people who wonder why one is refused. */
export interface TokenRules {
  /** `iss` is exactly one of these; `undefined`: any. */
  readonly issuer: string | readonly string[] | undefined;
  /** `aud` holds one of these; `undefined`: any. */
  readonly audience: string | readonly string[] | undefined;
  /** `alg` is one of these. */
  readonly algorithms: readonly string[];
  readonly keys: VerificationKeys;
  /** The claims that list scopes; `undefined`: all that usually do. */
  readonly scopeClaims?: readonly string[] | undefined;
  readonly subject?: SubjectRules | undefined;
  readonly advice?: ProviderAdvice | undefined;
}

/** What is wrong with a token. */
export type UpstreamTokenFault =
  | "algorithm"
  | "audience"
  | "claims"
  | "client"
  | "expired"
  | "inactive"
  | "issuer"
  | "malformed"
  | "not_yet_valid"
  | "opaque"
  | "organization"
  | "signature"
  | "subject"
  | "type"
  | "unknown_key";

/** `message` says what was expected and found, in claims only, and what to do; never the token itself. */
export class UpstreamTokenError extends Error {
  override readonly name = "UpstreamTokenError";
  readonly fault: UpstreamTokenFault;

  constructor(fault: UpstreamTokenFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
