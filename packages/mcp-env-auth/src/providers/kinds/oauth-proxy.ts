import { createOAuthUpstreamClient } from "../../upstream/oauth-client.ts";
import type { UpstreamTokenVerifier } from "../../upstream/upstream-token.ts";
import type { AuthProvider, AuthProviderContext } from "../auth-provider.ts";
import { clientSettings, proxyProvider } from "./proxy.ts";
import type { ProxyDeclaration, ProxySettings } from "./proxy-settings.ts";

export interface OAuthProxySettings extends ProxySettings, ProxyDeclaration {
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint?: string;
  /** Makes the verifier of the provider's access tokens. */
  readonly createVerifier: (context: AuthProviderContext) => UpstreamTokenVerifier;
  /** Whether they are verified by signature, or looked up once per exchange and refresh. */
  readonly tokenKind: "jwt" | "opaque";
}

/** Kind: an OAuth proxy in front of a provider whose endpoints are known without discovery. */
export function oauthProxy(settings: OAuthProxySettings): AuthProvider {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, tokenKind } = settings;
  return proxyProvider(settings, {
    discover: async (context) => ({
      client: createOAuthUpstreamClient({
        ...clientSettings(settings, context),
        authorizationEndpoint,
        tokenEndpoint,
        revocationEndpoint,
      }),
      tokens: settings.createVerifier(context),
      tokenKind,
    }),
  });
}
