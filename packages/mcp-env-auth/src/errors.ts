import type { Unwritable } from "./lib/unwritable-json.ts";

/** The status of a request beyond a limit (RFC 6585 section 4). */
export const TOO_MANY_REQUESTS = 429;

/** One thing that is wrong with the configuration, in words that say how to put it right. */
export interface ConfigProblem {
  /** The environment variable, in full, or the option's name when configured in code. */
  readonly variable?: string;
  /** What is wrong and what to do next. Never holds a secret's value. */
  readonly message: string;
}

/**
 * The server can't start as configured. Thrown before anything is served; it never becomes an HTTP response. Every
 * problem found is in `problems`.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[] | string, options?: ErrorOptions) {
    const list = typeof problems === "string" ? [{ message: problems }] : problems;
    super(list.map(describeProblem).join("\n"), options);
    this.problems = list;
    // What Node prints of an uncaught one is for the person who configures, and no place in the code is at fault.
    Object.defineProperty(this, "problems", { enumerable: false });
    this.stack = `${this.name}: ${this.message}`;
  }
}

function describeProblem({ variable, message }: ConfigProblem): string {
  return variable === undefined ? message : `${variable}: ${message}`;
}

/**
 * Error codes of RFC 6749 section 4.1.2.1 and 5.2, RFC 6750 section 3.1, RFC 7591 section 3.2.2, RFC 8707 section 2 and
 * RFC 9449 section 5.
 */
export type OAuthErrorCode =
  | "access_denied"
  | "insufficient_scope"
  | "invalid_client"
  | "invalid_client_metadata"
  | "invalid_dpop_proof"
  | "invalid_grant"
  | "invalid_redirect_uri"
  | "invalid_request"
  | "invalid_scope"
  | "invalid_target"
  | "invalid_token"
  | "server_error"
  | "temporarily_unavailable"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "unsupported_token_type";

const DEFAULT_STATUS: Partial<Record<OAuthErrorCode, number>> = {
  access_denied: 403,
  insufficient_scope: 403,
  invalid_client: 401,
  invalid_token: 401,
  server_error: 500,
  temporarily_unavailable: 503,
};

export interface OAuthErrorOptions extends ErrorOptions {
  /** HTTP status; by default the one that the code's RFC gives it, else 400. */
  readonly status?: number;
  /** Seconds for the `Retry-After` header (RFC 9110 section 10.2.3). */
  readonly retryAfter?: number;
  /**
   * Whether the caller brought it about: it counts against the caller's rate limit, whatever its status. Default: no.
   */
  readonly isCallersDoing?: boolean;
}

/**
 * A protocol error: the only kind of error that becomes an HTTP response. `message` goes to the client as
 * `error_description`, so it holds nothing that the client may not know; the rest belongs in `cause`, for the log.
 */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly code: OAuthErrorCode;
  readonly status: number;
  readonly retryAfter: number | undefined;
  readonly isCallersDoing: boolean;

  constructor(code: OAuthErrorCode, description: string, options: OAuthErrorOptions = {}) {
    super(description, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? DEFAULT_STATUS[code] ?? 400;
    this.retryAfter = options.retryAfter;
    this.isCallersDoing = options.isCallersDoing ?? false;
  }
}

/** A protocol error whose response challenges the client to authenticate (RFC 9110 section 11.6.1). */
export class ChallengeError extends OAuthError {
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;

  constructor(challenge: string, { code, message, status, retryAfter, cause }: OAuthError) {
    super(code, message, { status, cause, ...(retryAfter !== undefined && { retryAfter }) });
    this.challenge = challenge;
  }
}

/**
 * An error whose message the user of a tool may read. Any other error that a tool throws is answered with a neutral
 * sentence and logged in full.
 */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/**
 * What a handler returned can't be sent, through a mistake of its author's. The message is for the log, behind the name
 * of the tool: what it is, where, and what to return instead.
 */
export class UnfitResult extends Error {
  override readonly name = "UnfitResult";
  /** Where in the result, such as `content[0].data`; `""` for all of it. */
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }

  /** For a part that JSON can't write. */
  static of({ path, what, remedy }: Unwritable): UnfitResult {
    return new UnfitResult(path, `returned ${what}${path === "" ? "" : ` at \`${path}\``}. ${remedy}`);
  }
}

/** What a handler threw, with the name of the handler: for what masks it. */
export class HandlerFailure extends Error {
  override readonly name = "HandlerFailure";
  /** The beginning of a sentence about the handler. */
  readonly label: string;
  readonly thrown: unknown;

  constructor(label: string, thrown: unknown) {
    super(`${label} failed`);
    this.label = label;
    this.thrown = thrown;
  }
}

/**
 * The caller may not do what it asks for, and is told so: a tool's error, or an error of the protocol for what has no
 * results of that kind.
 */
export class Denied extends ToolError {}
