/** A provider's access token after verification. */
export interface VerifiedUpstreamToken {
  readonly subject: string;
  readonly clientId: string;
  /** Seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** All that the token carries: `scope`, `scp` and `permissions`, without repeats. */
  readonly scopes: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Verifies a provider's access token.
 *
 * Rejects with {@link UpstreamTokenError} when the token is not good, and with
 * `UpstreamError` of kind `unavailable` when that can't be decided now.
 */
export interface UpstreamTokenVerifier {
  verify(token: string): Promise<VerifiedUpstreamToken>;
}

/** What is wrong with a token. */
export type UpstreamTokenFault =
  | "algorithm"
  | "audience"
  | "claims"
  | "expired"
  | "issuer"
  | "malformed"
  | "not_yet_valid"
  | "opaque"
  | "signature"
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
