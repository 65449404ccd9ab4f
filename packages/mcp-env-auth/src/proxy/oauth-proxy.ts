import type { TokenVerifier } from "../access-token.ts";
import type { Clock } from "../clock.ts";
import { createProofVerifier } from "../dpop/proof.ts";
import { createProofReplays } from "../dpop/replays.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Logger } from "../logger.ts";
import type { ProviderAdvice } from "../provider-advice.ts";
import type { RootKeys } from "../sealing/keyring.ts";
import type { GuardStore } from "../store/guard-store.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createAccessTokenVerifier } from "./access-token-verifier.ts";
import { createAuthorizationEndpoint } from "./authorize.ts";
import { createCallbackEndpoint } from "./callback.ts";
import { createAssertionVerifier } from "./client-assertion.ts";
import { createGuardedFetch, type GuardedFetch } from "./client-documents/guarded-fetch.ts";
import { createMetadataClientResolver } from "./client-id-metadata.ts";
import { createClientResolver, createRegisteredClientResolver } from "./clients.ts";
import { createConsentEndpoint } from "./consent.ts";
import { type ProviderSession, type ProxyContext, proxyUrls } from "./context.ts";
import { createCookieNames } from "./cookies.ts";
import type { Enterprise } from "./enterprise.ts";
import { createIssuedTokens, type TokenFormat } from "./issued-tokens.ts";
import { createClientKeyring, createSessionKeyring } from "./keys.ts";
import type { Machines } from "./machines.ts";
import { createMetadataEndpoints } from "./metadata.ts";
import { createRedirectPolicy } from "./redirect-policy.ts";
import { createRegistrationEndpoint } from "./register.ts";
import { createRevocationEndpoint } from "./revoke.ts";
import { createTokenEndpoint } from "./token.ts";

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
  /** Hosts that documents of clients are fetched from (metadata documents, key sets); `undefined` for any public one, empty for none. */
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

/** The proxy's endpoints, and the verifier of the access tokens it issues. */
export interface OAuthProxy {
  readonly endpoints: readonly Endpoint[];
  readonly verifier: TokenVerifier;
}

/**
 * The authorization server that MCP clients see, in front of an identity
 * provider where they can't register themselves. Everything that must come
 * back is sealed and carried by client or browser; the guard store is the
 * only state.
 *
 * @throws ConfigError for an allowed redirect URI pattern that could never match.
 */
export function createOAuthProxy(options: OAuthProxyOptions): OAuthProxy {
  const clientKeyring = createClientKeyring(options);
  const documents = {
    ...options,
    fetch: options.fetchClientDocument ?? createGuardedFetch(),
    hosts: options.clientIdMetadataHosts,
  };
  const context: ProxyContext = {
    options,
    urls: proxyUrls(options.baseUrl, options.redirectPath),
    clientKeyring,
    resolveClient: createClientResolver(
      createRegisteredClientResolver(clientKeyring),
      createMetadataClientResolver(documents),
    ),
    verifyAssertion: createAssertionVerifier(documents),
    verifyProof: createProofVerifier(createProofReplays(options.store, options.clock), options.clock),
    issuedTokens: createIssuedTokens(options),
    redirectPolicy: createRedirectPolicy(options.allowedClientRedirectUris),
    cookieNames: createCookieNames(options.baseUrl, options.issuer),
    providerSession: createProviderSession(options),
  };
  return {
    endpoints: [
      ...createMetadataEndpoints(context),
      createRegistrationEndpoint(context),
      createAuthorizationEndpoint(context),
      createConsentEndpoint(context),
      createCallbackEndpoint(context),
      createTokenEndpoint(context),
      createRevocationEndpoint(context),
    ],
    verifier: createAccessTokenVerifier(context),
  };
}

function createProviderSession(options: OAuthProxyOptions): ProxyContext["providerSession"] {
  let session: ProviderSession | undefined;
  return () => {
    const upstream = options.upstream();
    if (upstream !== undefined && upstream !== session?.upstream) {
      session = { upstream, keyring: createSessionKeyring(options, upstream) };
    }
    return upstream === undefined ? undefined : session;
  };
}
