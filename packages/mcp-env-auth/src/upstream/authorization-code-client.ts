import type { Configuration, ServerMetadata, TokenEndpointResponse, TokenEndpointResponseHelpers } from "openid-client";
import { ConfigError } from "../errors.ts";
import { CLOCK_TOLERANCE, type Clock, systemClock } from "../lib/clock.ts";
import type { Logger } from "../logger.ts";
import type { ProviderAdvice } from "../provider-advice.ts";
import { refuseForeignNonce } from "./foreign-nonce.ts";
import { accountPromptOf, mergeLoginParameters, type PromptSupport } from "./merge-login-parameters.ts";
import {
  type OfflineAccess,
  offlineAccessOf,
  promptFor,
  withOfflineAccess,
  withOfflineScope,
} from "./offline-access.ts";
import { loadOpenIdClient, type OpenIdClient } from "./openid-client.ts";
import { isSecureEndpoint } from "./provider-url.ts";
import { readRefreshedIdToken } from "./refreshed-id-token.ts";
import { acceptedParams, RESERVED_AUTHORIZE_PARAMS, RESERVED_TOKEN_PARAMS } from "./reserved-params.ts";
import { tokenEndpointFetch } from "./token-endpoint.ts";
import { candidateMethods, clientAuthentication, type TokenEndpointAuthMethod } from "./token-endpoint-auth.ts";
import { createMethodSelection } from "./token-endpoint-auth-selection.ts";
import { protocolError, toUpstreamTokens } from "./token-response.ts";
import { type UpstreamClient, UpstreamError, type UpstreamMetadata } from "./upstream-client.ts";

export interface AuthorizationCodeClientOptions {
  readonly metadata: UpstreamMetadata;
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string | undefined;
  /** Default: found out, starting from what the metadata lists. */
  readonly tokenEndpointAuthMethod?: TokenEndpointAuthMethod | undefined;
  /** Sent as `audience` at the authorization endpoint and in every token request: Auth0's way to name an API. */
  readonly audience?: string | undefined;
  /** Sent as `resource` there, likewise (RFC 8707 section 2). */
  readonly resource?: string | undefined;
  /** Added to the authorization request, over our own values except those that tie it to this login. */
  readonly extraAuthorizeParams?: Readonly<Record<string, string>> | undefined;
  /** Added to every token request, over our own values except the grant and the credentials. */
  readonly extraTokenParams?: Readonly<Record<string, string>> | undefined;
  /** Given for a provider whose scopes tell which API a token is for: they are then sent with the code, too. */
  readonly providerScopes?: ProviderScopes | undefined;
  /** Whether a code is tied to its login by PKCE (RFC 7636). Default true. */
  readonly pkce?: boolean | undefined;
  /** Which values of `prompt` clients may have sent. Default: what the metadata lists, else all. */
  readonly prompts?: PromptSupport | undefined;
  /** How a refresh token is asked for. Default: by scope, where the metadata lists it. */
  readonly offlineAccess?: OfflineAccess | undefined;
  /**
   * Scopes of which each login asks for one at least (else for the first), for a provider that does not tell without
   * whose its token is.
   */
  readonly identityScopes?: readonly string[] | undefined;
  /** The variables that messages about wrong credentials point to. */
  readonly variables: { readonly clientId: string; readonly clientSecret: string };
  readonly advice?: ProviderAdvice | undefined;
  /** Hosts, with their port, that may be reached by http. Browsers are sent to none of them. */
  readonly plainHttpHosts?: readonly string[] | undefined;
  /** Seconds for each request to the provider. Default 10. */
  readonly timeout?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly logger: Logger;
}

/** How the scopes of a provider differ from those that MCP clients know. */
export interface ProviderScopes {
  /** The provider's spelling of a scope. */
  toProvider(scope: string): string;
  /** Asked for at login only: scopes of other APIs, for which no token is wanted yet. */
  readonly atLogin: readonly string[];
}

/** One request to the provider, as seen by what surrounds it. */
interface Call {
  /** Whether the answer's id token is wanted. */
  readonly idToken: boolean;
  /** What messages about it must not repeat. */
  readonly secrets: readonly string[];
  readonly onIdToken?: (idToken: unknown) => void;
  readonly expects?: "nothing";
  readonly refreshes?: true;
}

type Request<T> = (config: Configuration, library: OpenIdClient) => Promise<T>;

type TokenEndpointResult = TokenEndpointResponse & TokenEndpointResponseHelpers;

/**
 * Our client at the identity provider: authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636), refresh and
 * revocation (RFC 7009). Where the provider has an issuer and `openid` is among the scopes, the id token is required
 * and its claims are validated (OpenID Connect Core 1.0 section 3.1.3.7); its signature is for
 * `Upstream.verifyIdToken`, since fetching keys may fail for a while. Without an issuer, an id token is read for its
 * nonce alone.
 */
export function createAuthorizationCodeClient(options: AuthorizationCodeClientOptions): UpstreamClient {
  const { clientId, providerScopes, pkce = true, clock = systemClock, logger } = options;
  const clientSecret = options.clientSecret === "" ? undefined : options.clientSecret;
  const offlineAccess = options.offlineAccess ?? offlineAccessOf(options.metadata.scopesSupported);
  const metadata: UpstreamMetadata = {
    ...options.metadata,
    scopesSupported: withOfflineScope(options.metadata.scopesSupported, offlineAccess),
  };
  const server = serverMetadata(metadata, options.plainHttpHosts);
  const authorizeParams = acceptedParams(options.extraAuthorizeParams, RESERVED_AUTHORIZE_PARAMS, logger);
  const target = targetParams(options);
  const tokenParams = {
    ...target,
    ...acceptedParams(options.extraTokenParams, RESERVED_TOKEN_PARAMS, logger),
  };
  const promptSupport = { values: metadata.promptValuesSupported, ...options.prompts };
  const methods = createMethodSelection({
    candidates: configuredMethod(options) ?? candidateMethods(metadata, clientSecret !== undefined),
    hasSecret: clientSecret !== undefined,
    variables: options.variables,
    advice: options.advice,
    logger,
  });

  function configuration(library: OpenIdClient, method: TokenEndpointAuthMethod, call: Call): Configuration {
    const skew = Math.round(clock() - systemClock());
    const client = { [library.clockSkew]: skew, [library.clockTolerance]: CLOCK_TOLERANCE };
    const authentication = clientAuthentication(library, method, clientSecret);
    const config = new library.Configuration(server, clientId, client, authentication);
    config[library.customFetch] = tokenEndpointFetch({
      timeout: options.timeout,
      ...call,
      secrets: [...call.secrets, ...(clientSecret === undefined ? [] : [clientSecret])],
    });
    // Every endpoint was checked: http is on this machine, or where the configuration says so.
    library.allowInsecureRequests(config);
    return config;
  }

  /** `request` with each method that is worth trying. */
  async function send<T>(call: Call, request: Request<T>): Promise<T> {
    const library = await loadOpenIdClient();
    return methods.first((method) => request(configuration(library, method, call), library).catch(protocolError));
  }

  function requestedScopes(scopes: readonly string[]): readonly string[] {
    if (authorizeParams.scope !== undefined) {
      return authorizeParams.scope.split(" ");
    }
    const { identityScopes = [] } = options;
    const identity = scopes.some((scope) => identityScopes.includes(scope)) ? [] : identityScopes.slice(0, 1);
    const requested = withOfflineAccess([...new Set([...scopes, ...identity])], offlineAccess);
    return providerScopes === undefined ? requested : requested.map((scope) => providerScopes.toProvider(scope));
  }

  const sendsNonce = (scopes: readonly string[]) => requestedScopes(scopes).includes("openid");
  const wantsIdToken = (scopes: readonly string[]) => metadata.issuer !== undefined && sendsNonce(scopes);

  function exchange(url: URL, codeVerifier: string, nonce: string | undefined, scopes: readonly string[]) {
    const call = { idToken: nonce !== undefined, secrets: [url.searchParams.get("code") ?? "", codeVerifier] };
    const checks = {
      ...(pkce && { pkceCodeVerifier: codeVerifier }),
      ...(nonce !== undefined && { expectedNonce: nonce }),
    };
    const scope = providerScopes === undefined ? "" : requestedScopes(scopes).join(" ");
    const params = { ...(scope !== "" && { scope }), ...tokenParams };
    const request: Request<TokenEndpointResult> = (config, { authorizationCodeGrant }) =>
      authorizationCodeGrant(config, url, checks, params);
    return { call, request };
  }

  return {
    metadata,
    offlineAccess,
    accountPrompt: accountPromptOf(authorizeParams.prompt, promptSupport),

    async authorizationUrl({ redirectUri, state, nonce, codeChallenge, scopes, loginParameters }) {
      const library = await loadOpenIdClient();
      const scope = [...new Set([...requestedScopes(scopes), ...(providerScopes?.atLogin ?? [])])].join(" ");
      const prompt = authorizeParams.prompt ?? promptFor(offlineAccess, undefined);
      return library.buildAuthorizationUrl(configuration(library, "none", { idToken: false, secrets: [] }), {
        ...(scope !== "" && { scope }),
        ...target,
        ...mergeLoginParameters(
          { ...authorizeParams, ...(prompt !== undefined && { prompt }) },
          loginParameters,
          promptSupport,
        ),
        response_type: "code",
        redirect_uri: new URL(redirectUri).href,
        state,
        ...(sendsNonce(scopes) && { nonce }),
        ...(pkce && { code_challenge: codeChallenge, code_challenge_method: "S256" }),
      });
    },

    async exchangeCode({ code, redirectUri, codeVerifier, nonce, scopes }) {
      const url = callbackUrl(redirectUri, code);
      const { call, request } = exchange(url, codeVerifier, wantsIdToken(scopes) ? nonce : undefined, scopes);
      let received: unknown;
      const onIdToken = (found: unknown) => {
        received = found;
      };
      const tokens = toUpstreamTokens(await send({ ...call, onIdToken }, request));
      if (!call.idToken && sendsNonce(scopes)) {
        refuseForeignNonce(received, nonce);
      }
      return tokens.idToken !== undefined && typeof received === "string" ? { ...tokens, idToken: received } : tokens;
    },

    async refresh(refreshToken, scopes) {
      let unread: unknown;
      // The library would end a session for a faulty id token, which few sessions need.
      const call: Call = {
        idToken: false,
        secrets: [refreshToken],
        refreshes: true,
        onIdToken(found) {
          unread = found;
        },
      };
      const refresh = async (params: Record<string, string>) => {
        const request: Request<TokenEndpointResult> = (config, { refreshTokenGrant }) =>
          refreshTokenGrant(config, refreshToken, params);
        const tokens = toUpstreamTokens(await send(call, request));
        const rules = { issuer: metadata.issuer, clientId, now: clock(), tolerance: CLOCK_TOLERANCE };
        const idToken = readRefreshedIdToken(unread, rules);
        return idToken === undefined ? tokens : { ...tokens, idToken };
      };
      const scope = requestedScopes(scopes).join(" ");
      try {
        return await refresh({ ...(scope !== "" && { scope }), ...tokenParams });
      } catch (error) {
        // RFC 6749 section 6: no more than was granted may be asked for, and that may be less than was asked for at
        // login.
        if (error instanceof UpstreamError && error.code === "invalid_scope") {
          return refresh(tokenParams);
        }
        throw error;
      }
    },

    async revoke(token, hint) {
      if (metadata.revocationEndpoint === undefined) {
        return false;
      }
      const call: Call = { idToken: false, secrets: [token], expects: "nothing" };
      await send(call, (config, { tokenRevocation }) => tokenRevocation(config, token, { token_type_hint: hint }));
      return true;
    },

    async checkCredentials(redirectUri) {
      const url = callbackUrl(redirectUri, `credentials-check-${crypto.randomUUID()}`);
      const library = await loadOpenIdClient();
      const { call, request } = exchange(url, library.randomPKCECodeVerifier(), undefined, []);
      await methods.check((method) => request(configuration(library, method, call), library).catch(protocolError));
    },
  };
}

/** What a token is to be for, in the ways that providers ask it. */
function targetParams({
  audience,
  resource,
}: Pick<AuthorizationCodeClientOptions, "audience" | "resource">): Readonly<Record<string, string>> {
  return { ...(audience !== undefined && { audience }), ...(resource !== undefined && { resource }) };
}

function configuredMethod(options: AuthorizationCodeClientOptions): readonly TokenEndpointAuthMethod[] | undefined {
  const { tokenEndpointAuthMethod: method, clientSecret, variables } = options;
  if (method !== undefined && method !== "none" && !clientSecret) {
    throw new ConfigError([
      { variable: variables.clientSecret, message: `Set it: ${method} needs the client secret.` },
    ]);
  }
  return method && [method];
}

function callbackUrl(redirectUri: string, code: string): URL {
  const url = new URL(redirectUri);
  url.searchParams.set("code", code);
  return url;
}

function serverMetadata(metadata: UpstreamMetadata, plainHttpHosts: readonly string[] = []): ServerMetadata {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint } = metadata;
  for (const endpoint of [authorizationEndpoint, tokenEndpoint, revocationEndpoint ?? tokenEndpoint]) {
    if (!isSecureEndpoint(endpoint, endpoint === authorizationEndpoint ? [] : plainHttpHosts)) {
      throw new ConfigError(
        `${JSON.stringify(endpoint)} can't be an endpoint of the identity provider: it must be an https address (http is for this machine only).`,
      );
    }
  }
  const algorithms = metadata.idTokenSigningAlgorithms.filter((algorithm) => algorithm !== "none");
  return {
    // The library wants one; without an issuer no id token is read, so that nothing is compared with it.
    issuer: metadata.issuer ?? new URL(tokenEndpoint).origin,
    authorization_endpoint: authorizationEndpoint,
    token_endpoint: tokenEndpoint,
    ...(revocationEndpoint !== undefined && { revocation_endpoint: revocationEndpoint }),
    ...(algorithms.length > 0 && { id_token_signing_alg_values_supported: algorithms }),
  };
}
