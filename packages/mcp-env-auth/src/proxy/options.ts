import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
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
  readonly tokenEpoch: string;
  readonly providerClassPath: string;
  readonly upstreamClientId: string;
  readonly advice: ProviderAdvice;
  /** The identity provider; `undefined` until it is known, which clients see as 503. */
  readonly upstream: () => Upstream | undefined;
  /** Names of the variables that error logs point to. */
  readonly variables: {
    readonly clientSecret: string;
    readonly clientId: string;
    /** Absent where the provider knows no audience. */
    readonly audience?: string | undefined;
    readonly requiredScopes: string;
    readonly baseUrl: string;
    readonly clientIdMetadataHosts: string;
    readonly organization: { readonly allowed: string; readonly claim: string };
  };
  /** Enterprises whose assertions open sessions; `undefined`: none. */
  readonly enterprise?: Enterprise | undefined;
  /** Applications at the provider that may use the server by themselves; `undefined`: none. */
  readonly machines?: Machines | undefined;
  readonly store: GuardStore;
  /** `reference` needs a store that replicas share and that outlives them. */
  readonly tokenFormat: TokenFormat;
  readonly accessTokenTtl: number;
  readonly sessionTtl: number;
  readonly clock: Clock;
  readonly logger: Logger;
}
