import type { TokenVerifier } from "../access-token.ts";
import { createCountedLines } from "../counted-lines.ts";
import { createProofVerifier } from "../dpop/proof.ts";
import { proofReplaysOf } from "../dpop/replays.ts";
import type { Endpoint } from "../endpoint.ts";
import { createClientResolver, createRegisteredClientResolver, firstOf } from "./clients/client.ts";
import { createAssertionVerifier } from "./clients/client-assertion.ts";
import { createMetadataClientResolver } from "./clients/client-id-metadata.ts";
import { createDocumentReach } from "./clients/documents/document-reach.ts";
import { limitFetches } from "./clients/documents/fetch-limits.ts";
import { createGuardedFetch } from "./clients/documents/guarded-fetch.ts";
import { createRedirectPolicy } from "./clients/redirect-policy.ts";
import { createRetiredClientResolver } from "./clients/retired-registrations.ts";
import { type ProviderSession, type ProxyContext, proxyUrls } from "./context.ts";
import { createAuthorizationEndpoint } from "./endpoints/authorize.ts";
import { createCallbackEndpoint } from "./endpoints/callback.ts";
import { createConsentEndpoint } from "./endpoints/consent.ts";
import { createMetadataEndpoints } from "./endpoints/metadata.ts";
import { createRegistrationEndpoint } from "./endpoints/register.ts";
import { createRevocationEndpoint } from "./endpoints/revoke.ts";
import { createTokenEndpoint } from "./endpoints/token.ts";
import { createOfferedGrants } from "./grants/offered-grants.ts";
import { createProviderLimits } from "./grants/provider-limits.ts";
import { createCookieNames } from "./login/cookies.ts";
import type { OAuthProxyOptions } from "./options.ts";
import { offeredScopes } from "./protocol/scopes.ts";
import { createIssuedTokens } from "./tokens/issued-tokens.ts";
import { createLoginRecords, type LoginRecords } from "./tokens/login-records.ts";
import { type RecognizedValue, recognizeValue } from "./tokens/recognize-value.ts";
import { createClientKeyring, createRetiredClientKeyring, createSessionKeyring } from "./tokens/token-keys.ts";
import { createAccessTokenVerifier } from "./verification/access-token-verifier.ts";

/** The proxy's endpoints, and the verifier of the access tokens it issues. */
export interface OAuthProxy {
  readonly endpoints: readonly Endpoint[];
  readonly verifier: TokenVerifier;
  /** Says what a value is, of all that the proxy seals. */
  recognize(value: string): Promise<RecognizedValue | undefined>;
  /** The logins that the store knows. Absent: it can't list any. */
  readonly loginRecords: Pick<LoginRecords, "list"> | undefined;
}

/**
 * The authorization server that MCP clients see, in front of an identity provider where they can't register themselves.
 * Everything that must come back is sealed and carried by client or browser; the guard store is the only state.
 *
 * @throws ConfigError for an allowed redirect URI pattern that could never match.
 */
export function createOAuthProxy(options: OAuthProxyOptions): OAuthProxy {
  const clientKeyring = createClientKeyring(options);
  const retiredKeyring = createRetiredClientKeyring(options);
  const redirectPolicy = createRedirectPolicy(options.allowedClientRedirectUris);
  const providerSession = createProviderSession(options);
  const registrationRules = () => ({
    isRedirectUriAllowed: redirectPolicy,
    offeredScopes: offeredScopes(options.scopesSupported, providerSession()?.upstream.client.metadata),
  });
  const hosts = options.clientIdMetadataHosts;
  const variable = options.variables.clientIdMetadataHosts;
  const fetch = options.fetchClientDocument ?? createGuardedFetch({ hosts });
  const reach = createDocumentReach({ ...options, fetch, hosts, variable });
  const lines = createCountedLines(options.logger);
  const limited = limitFetches({ ...options, fetch: reach.fetch, lines });
  const documents = { ...options, fetch: limited, hosts, variable };
  const context: ProxyContext = {
    options,
    site: { ...options.site, name: options.serverName, guide: options.site?.hasGuide ? options.resource : undefined },
    urls: proxyUrls(options.baseUrl, options.redirectPath),
    clientKeyring,
    resolveClient: createClientResolver(
      firstOf(
        createRegisteredClientResolver(clientKeyring),
        ...(retiredKeyring === undefined ? [] : [createRetiredClientResolver(retiredKeyring, registrationRules)]),
      ),
      createMetadataClientResolver(documents),
    ),
    documents: reach,
    verifyAssertion: createAssertionVerifier(documents),
    verifyProof: createProofVerifier(proofReplaysOf(options.store, options.clock), options.clock),
    issuedTokens: createIssuedTokens(options),
    loginRecords: createLoginRecords(options),
    providerLimits: createProviderLimits({ ...options, lines }),
    redirectPolicy,
    cookieNames: createCookieNames(options.baseUrl, options.issuer),
    registrationRules,
    providerSession,
  };
  const grants = createOfferedGrants(context);
  return {
    endpoints: [
      ...createMetadataEndpoints(context, grants),
      createRegistrationEndpoint(context),
      createAuthorizationEndpoint(context),
      createConsentEndpoint(context),
      createCallbackEndpoint(context),
      createTokenEndpoint(context, grants),
      createRevocationEndpoint(context),
    ],
    verifier: createAccessTokenVerifier(context),
    loginRecords: context.loginRecords,
    recognize: (value) => recognizeValue(value, { ...context, sessionKeyring: providerSession()?.keyring }),
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
