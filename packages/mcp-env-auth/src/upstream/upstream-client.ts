import { ConfigError, type ConfigProblem } from "../errors.ts";
import type { OfflineAccess } from "./offline-access.ts";
/**
 * The identity provider's endpoints and abilities, from discovery (OpenID Connect Discovery 1.0 section 3) or
 * configuration.
 */
export interface UpstreamMetadata {
  /** Absent for an OAuth provider without an issuer. */
  readonly issuer?: string;
  /** The `iss` of access tokens, where the provider names another than the issuer (AD FS). */
  readonly accessTokenIssuer?: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri?: string;
  readonly revocationEndpoint?: string;
  readonly userinfoEndpoint?: string;
  readonly scopesSupported: readonly string[];
  /** Absent or empty where the provider does not say. */
  readonly claimsSupported?: readonly string[];
  /**
   * Values of `prompt`. Absent where the provider does not say (Initiating User Registration via OpenID Connect 1.0).
   */
  readonly promptValuesSupported?: readonly string[];
  readonly tokenEndpointAuthMethodsSupported: readonly string[];
  readonly idTokenSigningAlgorithms: readonly string[];
  /** RFC 9207: the provider sends `iss` with every authorization response. */
  readonly sendsIssuer: boolean;
}

/** What the provider's token endpoint answered. */
export interface UpstreamTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Seconds. */
  readonly expiresIn?: number;
  /** Seconds, where the provider says so. */
  readonly refreshExpiresIn?: number;
  /** Space-separated, where the provider says so. */
  readonly scope?: string;
  /** As it came. Its claims are checked, its signature is not yet. */
  readonly idToken?: string;
}

export interface AuthorizationUrlOptions {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeChallenge: string;
  readonly scopes: readonly string[];
  /** What the client wants its user asked: configured parameters win, see {@link mergeLoginParameters}. */
  readonly loginParameters?: LoginParameters | undefined;
}

/** Parameters of an authorization request that say how its user is asked (OpenID Connect Core 1.0 section 3.1.2.1). */
export interface LoginParameters {
  readonly prompt?: string;
  readonly login_hint?: string;
  readonly ui_locales?: string;
  readonly max_age?: string;
}

export interface CodeExchange {
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  /** The scopes asked for at the authorization endpoint. */
  readonly scopes: readonly string[];
}

/**
 * The proxy's own OAuth client at the identity provider. Every method but `authorizationUrl` rejects with {@link
 * UpstreamError}.
 */
export interface UpstreamClient {
  readonly metadata: UpstreamMetadata;
  /** How a refresh token is asked for. Absent: not at all, because the provider does not list the scope. */
  readonly offlineAccess?: OfflineAccess | undefined;
  /** The `prompt` that has the provider ask which account to use. Absent: it takes none that does. */
  readonly accountPrompt?: string | undefined;
  authorizationUrl(options: AuthorizationUrlOptions): Promise<URL>;
  exchangeCode(exchange: CodeExchange): Promise<UpstreamTokens>;
  refresh(refreshToken: string, scopes: readonly string[]): Promise<UpstreamTokens>;
  /** Whether a revocation ends all sessions of the user at the application. Default false: that one only. */
  readonly revokesAllSessions?: boolean | undefined;
  /** RFC 7009. False when the provider has no revocation endpoint. */
  revoke(token: string, hint: "access_token" | "refresh_token"): Promise<boolean>;
  /**
   * Sends a deliberately bad code: a provider that answers `invalid_grant` accepted our credentials. Settles on the
   * token endpoint authentication method where none is configured (a Single Page Application at Auth0 has `none`).
   * Rejects with kind `credentials` when they are wrong.
   */
  checkCredentials(redirectUri: string): Promise<void>;
}

/**
 * Why the provider did not do as asked.
 *
 * - `unavailable`: no connection, a timeout, 429 or 5xx. Trying again may help.
 * - `invalid_grant`: the code or refresh token is no longer good.
 * - `credentials`: it does not accept our client id, secret or authentication method.
 * - `rejected`: any other refusal, or an answer that breaks the protocol.
 */
export type UpstreamErrorKind = "unavailable" | "invalid_grant" | "credentials" | "rejected";

/**
 * What a failure is about, where no code of the provider's tells.
 *
 * - `answer`: what answered is not an OAuth endpoint. What was asked for is as good as before.
 * - `id-token`: the claims of the login's id token, or there is none.
 * - `look-up`: asking about a token. The message says what to check.
 */
export type UpstreamErrorTopic = "answer" | "id-token" | "look-up";

export interface UpstreamErrorOptions extends ErrorOptions {
  readonly code?: string | undefined;
  readonly description?: string | undefined;
  readonly about?: UpstreamErrorTopic | undefined;
  readonly refreshToken?: string | undefined;
}

/** `message` is a sentence for the operator; it holds no token, code or secret. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly kind: UpstreamErrorKind;
  /** The provider's own `error` code, where it sent one. */
  readonly code: string | undefined;
  /** The provider's own words, on one line and of bounded length. */
  readonly description: string | undefined;
  readonly about: UpstreamErrorTopic | undefined;
  /** A new refresh token that came with an answer of no other use. Not enumerable: it must reach no log. */
  declare readonly refreshToken?: string;

  constructor(kind: UpstreamErrorKind, message: string, options: UpstreamErrorOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.code = options.code;
    this.description = options.description;
    this.about = options.about;
    if (options.refreshToken !== undefined) {
      Object.defineProperty(this, "refreshToken", { value: options.refreshToken });
    }
  }
}

/**
 * The provider's address answers, but not with the provider's metadata. Either the address is wrong, or what is in
 * front of the provider answers in its place for a moment, as while a cluster starts.
 */
export class NoMetadata extends ConfigError {
  /** What came in its place, such as `answered 404`. It names no address. */
  readonly found: string;

  constructor(problem: ConfigProblem, found: string) {
    super([problem]);
    this.found = found;
  }
}
