import { AsyncLocalStorage } from "node:async_hooks";
import type { Dialect } from "./client-dialects.ts";

/** The verified access token of the request being served. */
export interface AccessToken {
  /**
   * The identity provider's access token, to call its APIs as the user. Never the token that the MCP client holds. A
   * session that an enterprise's assertion opened has none: a handler that reads it there gets an error that says so.
   */
  readonly token: string;
  /** The OAuth client that the token was issued to. */
  readonly clientId: string;
  /** The effective scopes: those consented to for this client and carried by the provider's token. */
  readonly scopes: readonly string[];
  /**
   * Scopes that the client asked for at the login and that the provider did not grant: another login for them gives
   * nothing, until the account or the provider's configuration changes. Absent: none.
   */
  readonly withheldScopes?: readonly string[];
  /** When the token ends, in seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** The provider's claims as they came. They decide nothing about scopes. */
  readonly claims: Readonly<Record<string, unknown>>;
  /**
   * The user that the token stands for, as the provider identifies it: `sub`, or the claim that SUBJECT_CLAIM names.
   * For a machine: `<client id>@clients`. No two users or machines of a server share one.
   */
  readonly subject: string;
  /**
   * The organization (tenant) that the token is for, where the provider's tokens name one: with Auth0 the `org_id`
   * claim.
   */
  readonly organization?: string;
  /**
   * Whose organization it is, where that is not the `iss` of the claims: the provider's, in a session that an
   * enterprise's assertion opened.
   */
  readonly organizationIssuer?: string;
  /**
   * The thumbprint of the key that the token is bound to, where it is (RFC 9449 section 6.1): its caller has proved to
   * have it.
   */
  readonly jkt?: string;
  /**
   * The correlation id of the login that the token stems from: `login` in the lines of the log. Absent where this
   * server issued no token.
   */
  readonly login?: string;
  /** The user's roles, where the provider's ROLES_CLAIM says which claim names them. */
  readonly roles?: readonly string[];
  /**
   * The form in which the token's client is told of refusals, where its registration or its metadata document names it.
   * It decides nothing. Absent: what its requests say counts.
   */
  readonly dialect?: Dialect;
}

/**
 * Turns a bearer token into an {@link AccessToken}.
 *
 * Throws `OAuthError` with `invalid_token` (401) when the token is not good for this server, and with
 * `temporarily_unavailable` (503) when that can't be decided now.
 */
export interface TokenVerifier {
  /**
   * @param from gives the IP address that the request came from, where a verifier limits what strangers cost. Absent:
   * of no request.
   */
  verify(token: string, from?: () => string): Promise<AccessToken>;
}

/** What a token is exchanged for: a token for another API. One of `audience` and `resource` says which. */
export interface ExchangeTarget {
  /** The API's identifier at the provider (RFC 8693 section 2.1). */
  readonly audience?: string;
  /** The API's address (RFC 8693 section 2.1). */
  readonly resource?: string;
  /** Default: what the provider gives. */
  readonly scopes?: readonly string[];
}

/** Exchanges a request's token at the provider for one that is good for another API. */
export type TokenExchange = (token: AccessToken, target: ExchangeTarget) => Promise<string>;

/** What the provider tells of the user of a request's token; `undefined` where it can't be asked. */
export type UserClaims = (token: AccessToken) => Promise<Readonly<Record<string, unknown>> | undefined>;

interface Served {
  readonly token: AccessToken;
  readonly exchange: TokenExchange | undefined;
  readonly userClaims: UserClaims | undefined;
}

const current = new AsyncLocalStorage<Served>();

/**
 * Runs `callback` with `token` as the one that {@link getAccessToken} returns, `exchange` as what exchanges it, and
 * `userClaims` as what tells of its user.
 */
export function runWithAccessToken<T>(
  token: AccessToken,
  callback: () => T,
  exchange?: TokenExchange,
  userClaims?: UserClaims,
): T {
  const served = token.token === "" ? withoutProviderToken(token) : token;
  return current.run({ token: served, exchange, userClaims }, callback);
}

/** Runs `callback` so that {@link getAccessToken} finds no token, whatever is around it. */
export function runWithoutAccessToken<T>(callback: () => T): T {
  return current.getStore() === undefined ? callback() : current.run(undefined as never, callback);
}

/** The access token of the request being served, where there is one. */
export function currentAccessToken(): AccessToken | undefined {
  return current.getStore()?.token;
}

/** What exchanges the token of the request being served, where the provider can. */
export function currentTokenExchange(): TokenExchange | undefined {
  return current.getStore()?.exchange;
}

/** What tells of the user of the request being served, where the provider can. */
export function currentUserClaims(): UserClaims | undefined {
  return current.getStore()?.userClaims;
}

/**
 * The access token of the MCP request being handled.
 *
 * @throws Error outside a request, in a server without authentication, and where a caller of what is public has no
 * token.
 */
export function getAccessToken(): AccessToken {
  const token = current.getStore()?.token;
  if (token === undefined) {
    throw new Error(
      "getAccessToken() was called outside an authenticated MCP request. Call it inside a tool, resource or prompt handler of a server that has a provider; on stdio and with FASTMCP_SERVER_AUTH=none there is no token, nor has everybody one who uses what is public.",
    );
  }
  return token;
}

const WITHOUT_TOKEN =
  "There is no token of the identity provider in this session: an enterprise's assertion opened it (TRUSTED_ASSERTION_ISSUERS), and no login at the provider. Call other APIs in the server's own name.";

const views = new WeakMap<AccessToken, AccessToken>();

/**
 * `token`, of which reading `token` says that there is none: an empty one would look like a fault of the API called.
 */
function withoutProviderToken(token: AccessToken): AccessToken {
  const known = views.get(token);
  if (known !== undefined) {
    return known;
  }
  const { token: _none, ...rest } = token;
  const view = Object.defineProperty(rest, "token", {
    get() {
      throw new Error(WITHOUT_TOKEN);
    },
  }) as AccessToken;
  views.set(token, Object.freeze(view));
  return view;
}
