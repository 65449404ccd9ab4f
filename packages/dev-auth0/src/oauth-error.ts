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
