import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { SiteDetails } from "../pages/site.ts";
import type { ProviderAdvice } from "../provider-advice.ts";
import type { RootKeys } from "../sealing/keyring.ts";
import type { GuardStore } from "../store/guard-store.ts";
import type { IdJagVerifier } from "../upstream/id-jag.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { GuardedFetch } from "./clients/documents/guarded-fetch.ts";
import type { TokenFormat } from "./tokens/issued-tokens.ts";
import type { Machines } from "./verification/machines.ts";

/** The enterprises whose identity providers may open sessions by assertion (MCP's enterprise-managed authorization). */
export interface Enterprise {
  readonly verify: IdJagVerifier;
  /** The organization (tenant) that the users of an issuer belong to, as the configuration says: no assertion can. */
  organizationOf(issuer: string): string | undefined;
  /** Hosts of metadata documents whose clients may bring assertions without credentials of their own. Default none. */
  readonly publicClientHosts?: readonly string[];
}

/** How long the provider's tokens are taken to be valid, in seconds. */
export interface TokenLifetimes {
  /** Of an access token, if the provider does not say. */
  readonly access?: number | undefined;
  /** Of a refresh token, likewise. Default: as long as the session. */
  readonly refresh?: number | undefined;
  /** Subtracted from the time of an access token, up to half of it. */
  readonly margin?: number | undefined;
}

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
  /** What else the pages say of the server. */
  readonly site?: SiteDetails | undefined;
  readonly requiredScopes: readonly string[];
  /** What a client that names no scope at a login is taken to ask for, beside the required ones. */
  readonly scopesAtLogin: readonly string[];
  /** Adds to the scopes of a provider's token those that they imply. Absent: none imply others. */
  readonly withImpliedScopes?: ((scopes: readonly string[]) => readonly string[]) | undefined;
  /** Every scope a client may ask for, the required ones included. */
  readonly scopesSupported: readonly string[];
  readonly allowedClientRedirectUris: readonly string[] | undefined;
  /**
   * Hosts that documents of clients are fetched from (metadata documents, key sets); `undefined` for any public one,
   * empty for none.
   */
  readonly clientIdMetadataHosts: readonly string[] | undefined;
  /** How they are fetched. Default: over the internet. */
  readonly fetchClientDocument?: GuardedFetch;
  readonly rootKeys: RootKeys;
  /** Retired keys, which open client ids of public clients and nothing else. */
  readonly registrationKeys?: RootKeys | undefined;
  readonly tokenEpoch: string;
  /** How long the provider's tokens are taken to be valid. */
  readonly lifetimes?: TokenLifetimes;
  readonly providerClassPath: string;
  readonly upstreamClientId: string;
  readonly advice: ProviderAdvice;
  /** The identity provider; `undefined` until it is known, which clients see as 503. */
  readonly upstream: () => Upstream | undefined;
  /** What answered in its place, such as `answered 404`. */
  readonly upstreamTrouble?: () => string | undefined;
  /** Names of the variables that error logs point to. */
  readonly variables: {
    readonly clientSecret: string;
    readonly clientId: string;
    /** That of the provider's address; absent where that is known. */
    readonly address?: string | undefined;
    /** Absent where the provider is known to take PKCE. */
    readonly forwardPkce?: string | undefined;
    /** Absent where the provider gives refresh tokens without being asked. */
    readonly offlineAccess?: string | undefined;
    /** Absent where the provider knows no audience. */
    readonly audience?: string | undefined;
    /** What tells the provider which API a token is for (`audience`, `resource`): phrases that name the variables. */
    readonly targets?: readonly string[] | undefined;
    /** That of a resource (RFC 8707), where none is sent. */
    readonly unusedResource?: string | undefined;
    readonly requiredScopes: string;
    readonly baseUrl: string;
    readonly clientIdMetadataHosts: string;
    /** Absent where the provider takes no assertions of enterprises. */
    readonly assertionPublicClients?: string | undefined;
    readonly organization: { readonly allowed: string; readonly claim: string };
  };
  /** Enterprises whose assertions open sessions; `undefined`: none. */
  readonly enterprise?: Enterprise | undefined;
  /** Applications at the provider that may use the server by themselves; `undefined`: none. */
  readonly machines?: Machines | undefined;
  readonly store: GuardStore;
  /** `reference` needs a store that replicas share and that outlives them. */
  readonly tokenFormat: TokenFormat;
  /**
   * FASTMCP_RATE_LIMIT: how many refreshes of one user the provider is asked for in a minute, if more than
   * 240. 0, or absent: no limit.
   */
  readonly rateLimit?: number | undefined;
  readonly accessTokenTtl: number;
  readonly sessionTtl: number;
  readonly clock: Clock;
  readonly logger: Logger;
}
