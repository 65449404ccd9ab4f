import { type AuthorizationCodeClientOptions, createAuthorizationCodeClient } from "./authorization-code-client.ts";
import type { UpstreamClient } from "./upstream-client.ts";

export interface OAuthUpstreamClientOptions extends Omit<AuthorizationCodeClientOptions, "metadata"> {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string | undefined;
  /** What the provider is known to offer, `offline_access` above all: it is asked for where it is listed. */
  readonly scopesSupported?: readonly string[] | undefined;
}

/**
 * Our client at an OAuth 2.0 provider that is no OpenID provider for us: its endpoints are configured, and of an id
 * token that it sends, only the nonce is read.
 *
 * @throws ConfigError when an endpoint is not https, or http on this machine.
 */
export function createOAuthUpstreamClient(options: OAuthUpstreamClientOptions): UpstreamClient {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, scopesSupported = [], ...client } = options;
  return createAuthorizationCodeClient({
    ...client,
    metadata: {
      authorizationEndpoint,
      tokenEndpoint,
      ...(revocationEndpoint !== undefined && { revocationEndpoint }),
      scopesSupported,
      tokenEndpointAuthMethodsSupported: ["client_secret_basic", "client_secret_post"],
      idTokenSigningAlgorithms: [],
      sendsIssuer: false,
    },
  });
}
