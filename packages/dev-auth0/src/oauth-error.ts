/** An error as Auth0's endpoints answer it: a status and `{ error, error_description }`. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, description: string) {
    super(description);
    this.status = status;
    this.code = code;
  }

  /** The body of RFC 6749 section 5.2. */
  toJSON(): { error: string; error_description: string } {
    return { error: this.code, error_description: this.message };
  }
}

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
