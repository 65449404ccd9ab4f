/** How a provider's claims name a user, and what to tell the operator when they name nobody. */
export interface SubjectRules {
  /** The claim that identifies a user. Default `sub`. */
  readonly claim?: string | undefined;
  /** The variable that sets it, for messages. */
  readonly variable?: string | undefined;
  /** What to set at this provider: sentences. */
  readonly advice?: string | undefined;
  /** The issuers whose tokens are accepted. The subjects of the first stand as they are, those of any other after its name. */
  readonly issuer?: string | readonly string[] | undefined;
  /** Issuers that open sessions in other ways: no subject may read as one of theirs. */
  readonly otherIssuers?: readonly string[] | undefined;
}
