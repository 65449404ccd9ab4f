/** What /oauth/token answers (RFC 6749 section 5.1). */
export interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
  /** Space-separated. */
  readonly scope?: string;
  /** Seconds. */
  readonly expires_in: number;
  readonly token_type: "Bearer";
  /** RFC 8693 section 2.2.1. */
  readonly issued_token_type?: string;
}
