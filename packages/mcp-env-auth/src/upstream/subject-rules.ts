/** The claim that identifies a user where the configuration names no other (RFC 7519 section 4.1.2). */
export const DEFAULT_SUBJECT_CLAIM = "sub";

/** How a provider's claims name a user, and what to tell the operator when they name nobody. */
export interface SubjectRules {
  /** The claim that identifies a user. Default `sub`. */
  readonly claim?: string | undefined;
  /** The provider's access tokens have it, although its metadata lists the claims of id tokens only (Okta). */
  readonly unlisted?: boolean | undefined;
  /** The variable that sets it, for messages. */
  readonly variable?: string | undefined;
  /** What to set at this provider: sentences. */
  readonly advice?: string | undefined;
  /** Our own client id at the provider, which names no user. */
  readonly application?: string | undefined;
  /**
   * The issuers whose tokens are accepted. The subjects of the first stand as they are, those of any other after its
   * name.
   */
  readonly issuer?: string | readonly string[] | undefined;
  /** Tokens of any issuer are accepted: a subject that isn't a user's `sub` stands after its token's issuer. */
  readonly anyIssuer?: boolean | undefined;
  /** Issuers that open sessions in other ways: no subject may read as one of theirs. */
  readonly otherIssuers?: readonly string[] | undefined;
}

/** The claim that identifies a user by `rules`, where it isn't the usual one. */
export function unusualClaim({ claim }: SubjectRules = {}): string | undefined {
  return claim === DEFAULT_SUBJECT_CLAIM ? undefined : claim;
}
