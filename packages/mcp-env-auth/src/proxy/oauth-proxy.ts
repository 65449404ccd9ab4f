import type { TokenVerifier } from "../access-token.ts";
import type { Clock } from "../clock.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Logger } from "../logger.ts";
import type { RootKeys } from "../sealing/keyring.ts";
import type { GuardStore } from "../store/guard-store.ts";
import type { Upstream } from "../upstream/upstream.ts";

export interface OAuthProxyOptions {
  /** BASE_URL without a trailing slash; may hold a path. Endpoint URLs are made from it. */
  readonly baseUrl: string;
  /** ISSUER_URL, else BASE_URL, in the one spelling used everywhere. */
  readonly issuer: string;
  /** The MCP URL: what tokens are for. */
  readonly resource: string;
  /** The path of the callback, such as `/auth/callback`, without the path of BASE_URL. */
  readonly redirectPath: string;
  /** The name of this server for people, on the consent page. */
  readonly serverName: string;
  readonly requiredScopes: readonly string[];
  /** Every scope a client may ask for, the required ones included. */
  readonly scopesSupported: readonly string[];
  readonly allowedClientRedirectUris: readonly string[] | undefined;
  readonly rootKeys: RootKeys;
  readonly tokenEpoch: string;
  readonly providerClassPath: string;
  readonly upstreamClientId: string;
  /** The identity provider; `undefined` until it is known, which clients see as 503. */
  readonly upstream: () => Upstream | undefined;
  /** Names of the variables that error logs point to. */
  readonly variables: {
    readonly clientSecret: string;
    readonly clientId: string;
    readonly audience: string;
    readonly requiredScopes: string;
    readonly baseUrl: string;
  };
  readonly store: GuardStore;
  readonly accessTokenTtl: number;
  readonly sessionTtl: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The proxy's endpoints, and the verifier of the access tokens it issues. */
export interface OAuthProxy {
  readonly endpoints: readonly Endpoint[];
  readonly verifier: TokenVerifier;
}
